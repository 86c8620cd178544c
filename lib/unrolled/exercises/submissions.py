"""What students handed in, looked through before nbgrader marks it: who, which file, what is wrong, how it is mended.

    python -m unrolled.exercises submissions FOLDER

FOLDER is the course's, or its submitted/. Nothing in it is changed: where something is to be mended, all that nbgrader
reads is written anew beside it, into submitted-corrected/, and nbgrader marks that. What stands there is never lost.
"""

import os
import shutil
from pathlib import Path

from unrolled.environment.options import Parser
from unrolled.exercises.handed_in import Release, is_ignored, look_through
from unrolled.exercises.notebook_files import read


def main(arguments=None):
    """The command. Exit status 0: all can be marked; 1: something is left to the teacher; 2: nothing to look at."""
    parser = Parser(prog="python -m unrolled.exercises submissions", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the course's folder, or its submitted/")
    parser.add_argument("--assignment", help="this one alone; else all that were released")
    parser.add_argument("--release", type=Path, help="what was handed out (else release/ or source/ beside submitted/)")
    options = parser.parse_args(arguments)
    try:
        submitted = find_submitted(options.folder)
        releases = find_releases(submitted, options.release, options.assignment)
        copies, stray = look_through(submitted, releases)
        if not copies and not stray:
            raise FileNotFoundError(f"{submitted} must hold STUDENT/{releases[0].assignment}/…, got no notebook of it")
        target = submitted.with_name(f"{submitted.name}-corrected")
        return report(copies, stray, target)
    except (OSError, ValueError) as error:
        parser.error(str(error))


def find_submitted(folder):
    """The folder with a folder for each student, from that or from the course's. FileNotFoundError: there is none."""
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"FOLDER must be a course's folder or its submitted/, and there is no folder {folder}")
    inner = folder / "submitted"
    if inner.is_dir() and folder.name != "submitted":
        return inner
    if any((folder / name).is_dir() for name in ("release", "source")):
        raise FileNotFoundError(f"nothing was handed in: there is no {inner}; `nbgrader collect` makes it")
    return folder


def find_releases(submitted, folder=None, assignment=None):
    """The notebooks that were handed out. FileNotFoundError: there are none. ValueError: one is damaged."""
    tried = [folder] if folder else [submitted.parent / "release", submitted.parent / "source"]
    found = []
    for place in tried:
        paths = [*place.glob("*.ipynb"), *place.glob("*/*.ipynb")] if place.is_dir() else []
        for path in sorted(paths):
            if assignment in (None, path.resolve().parent.name) and not is_ignored(path.parent):
                try:
                    found.append(Release(path.resolve().parent.name, path.name, read(path.read_bytes())[0]))
                except ValueError as error:
                    raise ValueError(f"{path} {error}") from None
        if found:
            return found
    named = f"{assignment}/*.ipynb" if assignment else "ASSIGNMENT/*.ipynb"
    places = " or ".join(map(str, tried))
    raise FileNotFoundError(f"there is no {named} in {places}: name what you released by --release")


def report(copies, stray, target):
    """Print a line for each fault, write what is to be marked, say the command -> 1 where something is left, else 0."""
    left = len(stray)
    for path, fault in stray:
        print(f"{path}: {fault.what}. Left to you: {fault.mend}")
    for copy in copies:
        for path, fault in copy.faults:
            left += not fault.mended
            print(f"{copy.student}, {path}: {fault.what}. {'Mended' if fault.mended else 'Left to you'}: {fault.mend}")
    anew = target.exists() or any(copy.faults for copy in copies)
    if anew:
        for copy in copies:
            for name, content in copy.files.items():
                if aside := put(target / copy.student / copy.assignment / name, content):
                    print(f"{aside}: was there before, and differed; it is kept under this name")
        wanted = {target / copy.student / copy.assignment for copy in copies if copy.files}
        for path in sorted(target.glob("*/*")):
            if path not in wanted and path.is_dir() and path.name in {copy.assignment for copy in copies}:
                left += 1
                gone = "what it is a copy of is there no more"
                print(f"{path.as_posix()}: {gone}. Left to you: delete it, or nbgrader marks it")
    for assignment in dict.fromkeys(copy.assignment for copy in copies):
        of = [copy for copy in copies if copy.assignment == assignment]
        faulty = sum(any(fault.mended for _, fault in copy.faults) for copy in of)
        open_ = sum(any(not fault.mended for _, fault in copy.faults) for copy in of)
        print(f"{assignment}: {len(of)} students, {faulty} of them mended, {open_} left to you. Now: ", end="")
        print(f"nbgrader autograde {assignment}" + f" --CourseDirectory.submitted_directory={target.name}" * anew)
    return 1 if left else 0


def put(path, content):
    """Write a file, whole or not at all, from bytes or from another file. What stood there and differs is kept.

    -> the name under which it is kept, or None
    """
    raw = content if isinstance(content, bytes) else content.read_bytes()
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of a run that was killed
    if path.exists() and path.read_bytes() == raw:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(raw)
    if not isinstance(content, bytes):
        shutil.copystat(content, part)
    aside = None
    if path.exists():
        numbers = range(1, len(os.listdir(path.parent)) + 2)
        aside = next(free for n in numbers if not (free := path.with_name(f"{path.name}.{n}")).exists())
        os.replace(path, aside)
    os.replace(part, path)
    return aside
