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


@cache
def _catalogue():
    """{(place, English): Korean} of what is translated; gettext's "fuzzy" marks what waits for a translator."""
    with (data.folder() / "locale" / "ko.po").open("rb") as file:
        entries = read_po(file, locale="ko")
    return {(m.context, m.id): m.string for m in entries if m.id and m.string and not m.fuzzy}
