"""The course's Korean: data/locale/ko.po, read by Babel, and set below the English in a copy of a notebook."""

import re
from copy import deepcopy
from functools import cache

from babel.messages.pofile import read_po

from unrolled import data

SUMMARY = "한국어"
FOLD = '{english}\n\n<details lang="ko"><summary>{summary}</summary>\n\n{korean}\n\n</details>'


def translation(place, english):
    """The Korean of an English text, or None: it has none, or the English has changed since it was translated.

    place   "01_vanilla_rnn:01-000", a notebook and the id of its cell; "lessons:01_vanilla_rnn:title", of the map
    """
    return _catalogue().get((place, english))


def with_korean(notebook, name):
    """A copy of a notebook with the Korean of each cell folded below its English. name: of its file, without .ipynb.

    Headings become bold there: a notebook has its headings once, in English.
    """
    notebook = deepcopy(notebook)
    for cell in notebook.cells:
        if korean := cell.cell_type == "markdown" and translation(f"{name}:{cell.id}", cell.source):
            korean = re.sub(r"^#+ (.+)$", r"**\1**", korean, flags=re.MULTILINE)
            cell.source = FOLD.format(english=cell.source, summary=SUMMARY, korean=korean)
    return notebook


def read(path):
    """{place: entry} of a catalogue, as Babel reads it: id is the English, string the Korean or "", and what is fuzzy
    waits for a translator."""
    with path.open("rb") as file:
        return {entry.context: entry for entry in read_po(file, locale="ko") if entry.id}


@cache
def _catalogue():
    """{(place, English): Korean} of what is translated."""
    entries = read(data.folder() / "locale" / "ko.po")
    return {(place, m.id): m.string for place, m in entries.items() if m.string and not m.fuzzy}
