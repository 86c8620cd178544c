"""The Korean beside the English: what data/locale/ko.po lacks, and a catalogue that follows the notebooks.

    python -m tools.korean --missing   what is not translated, or not as the English is now; exit 1 if there is any
    python -m tools.korean --update    write the catalogue anew: new texts are empty, changed ones are marked fuzzy

In Korean stand each lesson's head, recap and exercises, all of lesson 00 but the teacher's words, and the map.
"""

import argparse
import io
import re
import sys

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tools.strip import NOTEBOOKS
from unrolled import data
from unrolled.course.korean import read
from unrolled.course.lessons import LESSONS

CATALOGUE = NOTEBOOKS.parent / "data" / "locale" / "ko.po"
HEADER = r"""# The Korean of Unrolled, by notebook and cell. CC BY 4.0.
# 합니다체로 쓰고, 독자에게 시키는 말은 -세요로 끝냅니다. 용어는 data/glossary.csv를 따릅니다.
msgid ""
msgstr ""
"Language: ko\n"
"Content-Type: text/plain; charset=utf-8\n"

"""
TAGS = {"head", "recap", "exercise"}
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
KEPT = {  # what must stand in both, whatever its order
    "formula": FORMULA,
    "link": re.compile(r"(?<=\]\()[^)\s]+"),
    "heading": re.compile(r"^#+(?= )", re.MULTILINE),
    "item": re.compile(r"^(?:- |\d+\. )", re.MULTILINE),
    "row": re.compile(r"^\|", re.MULTILINE),
}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Markdown takes a star between a sign and a letter for one that opens: *만*은 is set, *만…*은 is not.
UNSET = re.compile(r"[^\w\s*(\[“‘\\]\*+[가-힣]")


def wanted():
    """{place: English} of all that stands in Korean, in the order of the course."""
    found = {}
    for lesson in LESSONS:
        found[f"lessons:{lesson.name}:title"] = lesson.title
        found[f"lessons:{lesson.name}:shows"] = lesson.shows
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        found |= {f"{path.stem}:{cell.id}": cell.source for cell in cells(nbformat.read(path, 4), path.stem)}
    return found


def cells(notebook, name):
    """The cells of a notebook that stand in Korean."""
    for number, cell in enumerate(notebook.cells):
        whole = name == "00_start_here" and cell.metadata.slideshow.slide_type != "notes"
        if cell.cell_type == "markdown" and (number == 0 or whole or TAGS & set(cell.metadata.get("tags", []))):
            yield cell


def faults(english, korean, terms):
    """What the Korean of a text lacks or adds, one sentence each. terms: {English: [its Korean words]}."""
    wrong, texts = [], [english, korean]
    spans = [CODE.findall(text) for text in texts]
    plain = [CODE.sub("`", text) for text in texts]
    kept = {"code": spans} | {what: [law.findall(text) for text in plain] for what, law in KEPT.items()}
    for what, (there, here) in kept.items():
        again = sorted if what in ("heading", "item", "row") else set  # a word order may name a thing twice
        if again(there) != again(here):
            wrong.append(f"{what}: {there} became {here}")
    words = [KEPT["link"].sub("", FORMULA.sub(" ", text)) for text in plain]
    if lost := set(NUMBER.findall(words[0])) - set(NUMBER.findall(words[1])):
        wrong.append(f"number: {', '.join(sorted(lost))} is gone")
    wrong += [f"emphasis: {found} is not set; let a space follow" for found in UNSET.findall(plain[1])]
    left = words[0]
    for term in sorted(terms, key=len, reverse=True):  # "input gate" before "gate"
        left, count = re.subn(rf"\b{re.escape(term)}s?\b", " ", left, flags=re.IGNORECASE)
        if count and not any(word in korean for word in terms[term]):
            wrong.append(f"term: {term} is {' or '.join(terms[term])}")
    return wrong


def glossary():
    """{English term: [its Korean words]} of data/glossary.csv."""
    return {row["term"]: row["korean"].split(", ") for row in data.glossary()}


def missing(texts, entries):
    """What is not as it should be, one sentence each: {place: English} against {place: entry}."""
    terms = glossary()
    for place, english in texts.items():
        entry = entries.get(place)
        if entry is None or not entry.string:
            yield f"{place} is not translated"
        elif entry.id != english or entry.fuzzy:
            yield f"{place} is stale: its English has changed"
        else:
            yield from (f"{place}: {fault}" for fault in faults(english, entry.string, terms))
    yield from (f"{place} is no longer in the course" for place in entries if place not in texts)


def updated(texts, entries):
    """The catalogue's text: of each place its English of now, and the Korean that it has."""
    catalogue = Catalog()
    for place, english in texts.items():
        old = entries.get(place)
        stale = old and old.string and (old.fuzzy or old.id != english)
        entry = catalogue.add(english, old.string if old else "", context=place)
        entry.flags = {"fuzzy"} if stale else set()  # Babel takes braces and percents for Python's
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True)
    return HEADER + buffer.getvalue().decode().strip("\n") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--missing", action="store_true", help="say what is not translated, or not as the English is now")
    what.add_argument("--update", action="store_true", help="write the catalogue anew, with the English of now")
    options = parser.parse_args()
    texts, entries = wanted(), read(CATALOGUE)
    if options.update:
        CATALOGUE.write_text(updated(texts, entries), "utf-8", newline="\n")
    found = list(missing(texts, read(CATALOGUE)))
    print(*found, f"{len(texts)} texts, {len(found)} to do", sep="\n")
    sys.exit(bool(options.missing and found))


if __name__ == "__main__":
    main()
