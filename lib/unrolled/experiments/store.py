"""What an experiment keeps: every finished job at once, in a file of lines, and at the end the table."""

import csv
import io
import json
import os
import platform
import tempfile
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info


class Store:
    """Finished jobs, one JSON line each; a kill at any moment costs at most the jobs that were running.

    path  the file; it begins with a line that holds `head`, and another head (other code, another machine) starts anew
    done  {job as text: numbers}; `said` tells what of the file could not be used, or is empty
    ValueError: path is a file that no store has written, which is left as it is.
    """

    def __init__(self, path, head):
        path = self.path = Path(path).expanduser()
        self.done, self.said = {}, ""
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        _check_own(path, lines, head)
        usable = 0
        if lines and _read(lines[0]) == head:
            usable = len(lines[0])
            for line in lines[1:]:
                entry = _read(line)
                if entry is None:  # torn in the middle of its writing
                    self.said = f"{path.name}: the last line was torn; its job is run again"
                    break
                self.done[entry["job"]] = entry["numbers"]
                usable += len(line)
        elif len(lines) > 1:
            self.said = f"{path.name} is of other code, other settings or another machine: all jobs are run again"
        self._file = open(path, "ab")  # noqa: SIM115 - open as long as the store is
        self._file.truncate(usable)
        if not usable:
            self._write(head)

    def add(self, job, numbers):
        """Keep a finished job; it is on the disk when this returns."""
        self._write({"job": _key(job), "numbers": numbers})
        self.done[_key(job)] = numbers

    def get(self, job):
        """The numbers of a finished job, None where it has not finished."""
        return self.done.get(_key(job))

    def _write(self, entry):
        self._file.write((json.dumps(entry) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def _check_own(path, lines, head):
    """A file with other lines than a store's is not the store's to replace."""
    first = _read(lines[0]) if lines else head
    torn = len(lines) == 1 and lines[0].startswith(b"{") and not lines[0].endswith(b"\n")  # a kill, at the first line
    if not torn and not (isinstance(first, dict) and first.keys() == head.keys()):
        raise ValueError(f"{path} must be a new file, or one with such lines as are kept here; it is another file")


def _key(job):
    return json.dumps(job)


def _read(line):
    """The entry of a line; None where the line has no end or is no JSON."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def write_table(path, comments, rows):
    """A table as `data.results` reads it: lines `# key: value`, then CSV. The file is replaced whole, or not at all.

    comments  {key: text};  rows  dicts with the same keys. Numbers are written with six digits.
    ValueError: rows with other keys than the first.
    """
    text = io.StringIO("".join(f"# {key}: {value}\n" for key, value in comments.items()))
    text.seek(0, os.SEEK_END)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if row.keys() != rows[0].keys():
            raise ValueError(f"all rows must have the columns {', '.join(rows[0])}, got {', '.join(row)}")
        writer.writerow({column: format_cell(value) for column, value in row.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, text.getvalue())


def stamp(path, version):
    """Write another version into a table's head. Nothing else in the file changes."""
    text = path.read_text(encoding="utf-8")
    _replace(path, text.replace(f"# version: {read_comments(path)['version']}\n", f"# version: {version}\n", 1))


def _replace(path, text):
    """Write a file whole, or leave the old one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's is for its owner alone
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_comments(path):
    """{key: text} of a table's head; empty where there is no table."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    head = [line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line]
    return dict(head)


def format_cell(value):
    """A value as a table has it: numbers with six digits, None as none."""
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def machine():
    """Processor, cores, NumPy and its BLAS, in one line; not the machine's name."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if "model name" in line] if info.exists() else []
    processor = names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()
    blas = [f"{b['internal_api']} {b['version']} {b.get('architecture', '')}".strip() for b in _blas()]
    return f"{processor}, {os.cpu_count()} cores, NumPy {np.__version__}, {', '.join(blas) or 'another BLAS'}, 1 thread"


def _blas():
    return [library for library in threadpool_info() if library["user_api"] == "blas"]
