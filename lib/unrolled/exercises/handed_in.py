"""Which file of which student is the answer to what was handed out, whatever its name and wherever it lies."""

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from unrolled.data.files import kind
from unrolled.exercises.check_cells import mend, overlap, text
from unrolled.exercises.notebook_files import Fault, read, to_bytes

IGNORED = "__MACOSX", "__pycache__", "feedback"  # beside all that begins with a dot; nbgrader passes them by, too


class File(NamedTuple):
    """A notebook that was handed in: path; notebook and faults as `read` gives them, or why there is none."""

    path: Path
    notebook: dict | None
    faults: list
    refused: str = ""


class Release(NamedTuple):
    """A notebook that was handed out: the assignment's name, the file's name, the notebook."""

    assignment: str
    name: str
    notebook: dict


class Copy(NamedTuple):
    """What nbgrader is to read of one student and assignment: {name: path or bytes}, and [(file, Fault)]."""

    student: str
    assignment: str
    files: dict
    faults: list


def look_through(submitted, releases):
    """([Copy], [(file, Fault)]): each student's of each assignment, and what lies where no student's files lie."""
    students, stray = find_students(submitted, {release.assignment for release in releases})
    copies = []
    for student, folders in students.items():
        try:
            copies += _copies(submitted, student, folders, releases)
        except OSError as error:  # of one student: the others are looked through all the same
            fault = Fault(f"its files cannot be read: {error}", "look at them by hand", False)
            copies += [Copy(student, releases[0].assignment, {}, [(folders[0].name, fault)])]
    some = {copy.assignment for copy in copies if copy.files}  # what nobody handed in was not due yet
    return [copy for copy in copies if copy.assignment in some], stray


def _copies(submitted, student, folders, releases):
    files = [file for folder in folders for file in _notebooks(folder)]
    belongs = [_belongs(file, releases, submitted) for file in files]
    for assignment in dict.fromkeys(release.assignment for release in releases):
        its = [release for release in releases if release.assignment == assignment]
        own = [(release, [file for file, best in zip(files, belongs) if best is release]) for release in its]
        yield _copy(submitted, student, folders, assignment, own)


def find_students(submitted, assignments):
    """({student: [folders]}, [(file, Fault)]). Two folders are one student's where no letter that one sees differs."""
    found, stray = {}, []
    layers = {each.casefold() for each in assignments} | {"submitted"}
    todo = sorted(path for path in submitted.iterdir() if not is_ignored(path))
    while todo:
        path = todo.pop(0)
        inner = sorted(each for each in path.iterdir() if not is_ignored(each)) if path.is_dir() else []
        if path.name.casefold() in layers and not any((path / each).is_dir() for each in assignments):
            todo += inner  # one level too deep
        elif path.is_dir():
            found.setdefault(_student(path.name), []).append(path)
        elif (known := _kind(path)) or ".ipynb" in path.name.casefold():
            what = f"must lie in a student's folder, lies in none{known}"
            fault = Fault(what, "put it into STUDENT/ASSIGNMENT/", False)
            stray.append((path.relative_to(submitted).as_posix(), fault))
    return dict(sorted(found.items())), stray


def _student(name):
    """The name by which nbgrader finds a folder, and a reader the row: composed letters, nothing that a pattern has."""
    name = unicodedata.normalize("NFC", name).strip()
    return re.sub(r"[*?]", "_", name.replace("[", "(").replace("]", ")"))


def is_ignored(path):
    """What nbgrader passes by, and a link, which may lead anywhere."""
    return path.name.startswith(".") or path.name in IGNORED or path.is_symlink()


def _walk(folder):
    """Every file below a folder, but for what nbgrader passes by."""
    for path in sorted(folder.iterdir()):
        if not is_ignored(path):
            if path.is_dir():
                yield from _walk(path)
            else:
                yield path


def _notebooks(folder):
    """A File for each that is a notebook, whatever its name, or has a notebook's name, whatever it is."""
    for path in _walk(folder):
        named = ".ipynb" in path.name.casefold()
        try:
            raw = path.read_bytes()
            if named or raw.lstrip()[:1] == b"{":
                yield File(path, *read(raw))
        except (OSError, ValueError) as error:
            if named:
                yield File(path, None, [], str(error))


def _belongs(file, releases, submitted):
    """The Release that a file is an answer to, by its place or by its cells; None: to none."""
    place = file.path.parts[len(submitted.parts) + 1 :]
    near = lambda release: (
        place == (release.assignment, release.name),
        release.assignment in place[:-1],
        _plain(release.name) in _plain(file.path.name),
    )
    if file.notebook is None:
        best = max(releases, key=near)
        return best if any(near(best)) or len(releases) == 1 else None
    best = max(releases, key=lambda release: (overlap(file.notebook, release.notebook), *near(release)))
    points = overlap(file.notebook, best.notebook)  # one check is enough, or a third of the lesson
    enough = points >= 100 or 3 * points >= len(best.notebook["cells"]) or (points and near(best)[0])
    return best if enough else None


def _plain(name):
    return unicodedata.normalize("NFC", name).casefold().partition(".ipynb")[0]


def _copy(submitted, student, folders, assignment, own):
    """The Copy of one student and assignment; own: [(Release, [File])]."""
    homes, files, faults = [folder / assignment for folder in folders], {}, []
    taken = {release.name for release, _ in own}  # a folder may have the notebook's name
    for home in homes:
        for path in _walk(home) if home.is_dir() else ():
            if path.suffix.casefold() != ".ipynb" and path.relative_to(home).parts[0] not in taken:
                files[str(path.relative_to(home))] = path
    for folder in folders if files or any(found for _, found in own) else ():
        if folder.parent != submitted:
            place = folder.parent.relative_to(submitted).as_posix()
            what = f"a student's folder must lie in {submitted.name}/, lies in {submitted.name}/{place}/"
            faults.append((folder.name, Fault(what, "copied to its place")))
        if folder.name != student:
            what = f"its name must be composed letters, and none of [ ] * ? in it, got {ascii(folder.name)}"
            faults.append((folder.name, Fault(what, f"the student is {student} in the marks")))
    for release, found in own:
        file, told = _choose(release, found, homes)
        where = lambda path: Path(*path.relative_to(submitted).parts[1:]).as_posix()
        if file and file.notebook:
            if file.path.parent not in homes:
                files |= {path.name: path for path in file.path.parent.iterdir() if path.is_file() and _beside(path)}
            told += file.faults
            try:
                notebook, more = mend(file.notebook, release.notebook)
            except Exception as error:  # of one student: the others are looked through all the same
                told.append(Fault(f"cannot be compared with the release: {error!r}", "look at it by hand", False))
            else:
                told += more
                files[release.name] = to_bytes(notebook) if file.faults or more else file.path
        elif file:
            files[release.name] = file.path  # nbgrader names its student, and goes on
        faults += [(where(file.path) if file else f"{assignment}/{release.name}", fault) for fault in told]
    return Copy(student, assignment, files, faults)


def _beside(path):
    return not is_ignored(path) and path.suffix.casefold() != ".ipynb"


def _choose(release, found, homes):
    """(the File that is the student's answer to a release or None, [Fault])"""
    place = f"{release.assignment}/{release.name}"
    right = [home / release.name for home in homes]
    found = sorted(found, key=lambda file: file.path not in right)
    whole = [file for file in found if file.notebook]
    if not whole:
        return _choose_nothing(place, found, homes)
    versions = {_words(file.notebook): file for file in reversed(whole)}  # of two that say the same, the first
    given = versions.pop(_words(release.notebook), None)
    worked = [file for file in whole if file in versions.values()]
    file, faults = (worked or [given])[0], []
    if len(worked) > 1:
        what = f"one file must be {place}, got {len(worked)}: {', '.join(file.path.name for file in worked)}"
        if file.path not in right:
            return None, [Fault(what, "leave the one that is meant in its folder, and run this again", False)]
        return file, [Fault(what, f"{file.path.name} is taken, for its name: is another one meant?", False)]
    if file.path not in right:
        at = next((other for other in found if other.path in right), None)
        but = f"; what lies there is {'as it was handed out' if at.notebook else 'no notebook'}" if at else ""
        faults.append(Fault(f"must lie at {place}, lies elsewhere", f"copied to its place{but}"))
    return file, faults


def _choose_nothing(place, found, homes):
    """As `_choose`, where no file can be read as the notebook."""
    folders = [home if home.is_dir() else home.parent for home in homes]
    earlier = [path for folder in folders for path in folder.rglob(".ipynb_checkpoints/*.ipynb")]
    ask = "ask for it again" + (f", or look at {earlier[0]}, which Jupyter kept" if earlier else "")
    if found:
        return found[0], [Fault(found[0].refused, ask, False)]
    there = [path for folder in dict.fromkeys(folders) for path in _walk(folder) if path.suffix != ".txt"]
    listed = ", ".join(f"{path.name}{_kind(path)}" for path in dict.fromkeys(there))
    return None, [Fault(f"must be there, with checks of the release, got {listed or 'nothing'}", ask, False)]


def _kind(path):
    known = kind(path.read_bytes()[:8192])
    return f" ({known})" if known else ""


def _words(notebook):
    return tuple(words for cell in notebook["cells"] if (words := text(cell)))
