"""The course as a folder of pages that needs no server: map, handouts, slides, search, and how to teach with it."""

import json
import re
import shutil
import unicodedata
from html import escape
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader
from latex2mathml.commands import FUNCTIONS, LIMIT
from latex2mathml.symbols_parser import convert_symbol
from nbconvert.filters import markdown2html

from tools.dress import CHECK, STATE, VIEW, kind, markup, smaller, words
from tools.export import headings, parts_of, title, unfold, write
from tools.page_scripts import script
from unrolled.course import thumbnails
from unrolled.course.korean import translation
from unrolled.course.lessons import LESSONS, in_korean
from unrolled.course.minutes import slide_type
from unrolled.course.paths import PATHS
from unrolled.figures import plots
from unrolled.widgets.mathml import to_nodes

WEB = Path(__file__).with_name("web")
FORMULA = re.compile(r"(?<!\\)\$([^$\n]+)\$")
ANY_FORMULA = re.compile(r"(?<!\\)\$\$?([^$]+)\$\$?")


def build(site, products, executed, run):
    """Write the site anew, of the products {name: {kind: path}} and the executed notebooks {name: path}."""
    shutil.rmtree(site, ignore_errors=True)
    for made in products.values():
        for path in made.values():
            target = site / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    for name in products:
        page = site / "handouts" / f"{name}.html"
        write(page, page.read_text("utf-8").replace("<!--home-->", '<a href="../index.html">All lessons</a>'))
    mains = {name: parts_of((site / "handouts" / f"{name}.html").read_text("utf-8"))[1] for name in products}
    lessons = [describe(n, executed.get(n), products.get(n, {}), mains.get(n)) for n in in_order(products)]
    found = [section for name, main in mains.items() if name != "lecture" for section in sections(name, main)]
    environment = Environment(
        loader=FileSystemLoader(WEB), autoescape=False, trim_blocks=True, keep_trailing_newline=True
    )
    titles = {name: f"{name.capitalize()} · Unrolled" for name in ("paths", "search", "teaching")}
    titles |= {"index": "Unrolled", "404": "Not there"}
    about = {"lessons": lessons, "run": run, "paths": [on_site(path, products) for path in PATHS.values()]}
    for name, shown in titles.items():
        write(site / f"{name}.html", environment.get_template(f"{name}.html.j2").render(title=shown, **about))
    for name in ("style.css", "search.js", "favicon.svg"):
        shutil.copyfile(WEB / name, site / name)
    write(site / "minisearch.js", script("minisearch"))
    write(site / "sections.js", f"const SECTIONS = {json.dumps(found, ensure_ascii=False)};\n")
    write(site / ".nojekyll", "")
    return site


def on_site(path, products):
    """A path through the course as HTML, its links to the pages that stand."""
    tree = BeautifulSoup(path._repr_html_(), "html.parser")
    for link in tree("a"):
        name, _, place = link["href"].partition(".ipynb")
        if name in products:
            link["href"] = f"handouts/{name}.html{place}"
        else:
            link.unwrap()
    return tree


def in_order(products):
    """All pages that stand, and the lessons of the map that do not yet."""
    return sorted({*products, *(lesson.name for lesson in LESSONS)})


def describe(name, executed, made, main):
    """What the index and the teaching page say of a lesson."""
    lesson = next((lesson for lesson in LESSONS if lesson.name == name), None)
    about = {"title": lesson and escape(f"{name[:2]} {lesson.title}"), "page": "", "shows": "", "picture": ""}
    if lesson:
        fig, ax = plots.figure(size=(3, 1.6))
        thumbnails.thumbnail(ax, int(name[:2]))
        ax.set_anchor("C")
        about |= {
            "shows": escape(lesson.shows),
            "korean": {part: escape(said) for part, said in in_korean(lesson).items() if said},
            "picture": plots.image(fig, alt=lesson.picture),
            "time": f"{lesson.minutes} minutes",
        }
    if not made:
        return about
    notebook = nbformat.read(executed, 4)
    about["title"] = about["title"] or escape(title(notebook) or name)
    about |= {kind: f"{path.parent.name}/{path.name}" for kind, path in made.items()}
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    about["shows"] = about["shows"] or first_sentence(texts[0])
    if not lesson and (head := translation(f"{name}:{notebook.cells[0].id}", texts[0])):
        about["korean"] = {"title": escape(head.splitlines()[0].removeprefix("# ")), "shows": first_sentence(head)}
    about["picture"] = about["picture"] or first_picture(notebook)
    if said := re.search(r"About (\w+ (?:minutes|hours))", texts[0]):
        about.setdefault("time", said[1])
    about["parts"] = sum(bool(re.match(r"## \d", text)) for text in texts)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    about["exercises"] = len(set(CHECK.findall(code)))
    about["notes"] = [unfold(set_text(cell.source)) for cell in notebook.cells if slide_type(cell) == "notes"]
    about["stops"] = stops(notebook, main)
    about["questions"] = list(questions(notebook))
    return about


def first_sentence(text):
    """The first sentence below a text's title, as HTML."""
    return set_line(text.split("\n\n")[1].partition(". ")[0].rstrip(".") + ".")


def first_picture(notebook):
    """The first picture of a notebook, for those that the map of the course has none of."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if about := output.get("metadata", {}).get("image/png"):
            picture = smaller(output.data["image/png"])
            return f'<img alt="{words(about)["alt"]}" src="data:image/webp;base64,{picture}">'
    return ""


def set_text(markdown):
    """Markdown as HTML, its formulas as MathML, which needs no script."""
    tree = BeautifulSoup(markdown2html(FORMULA.sub(mathml, markdown)), "html.parser")
    for anchor in tree.select(".anchor-link"):
        anchor.decompose()
    return tree


def mathml(law):
    """A found formula as MathML; as its LaTeX where that says more than MathML can be made of."""
    try:
        return markup(to_nodes(law[0]))
    except ValueError:
        return f"<code>{escape(law[1])}</code>"


def stops(notebook, main):
    """Where a class can stop: {"title", "anchor", "after": the section before it}."""
    last, found = "", []
    anchors = {text: heading["id"] for heading, text in headings(main, "h1, h2, h3")}
    for cell in notebook.cells:
        heading = re.search(r"^##+ (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if "stop" in cell.metadata.get("tags", []) and heading:
            found.append({"title": heading[1], "anchor": anchors.get(heading[1], ""), "after": set_line(last)})
        if heading and cell.source.startswith("## "):
            last = heading[1]
    return found


def set_line(text):
    """One line of Markdown as HTML, without its paragraph; a number at its start begins no list."""
    return set_text(re.sub(r"^(\d+)\.", r"\1\\.", text)).p.decode_contents()


def questions(notebook):
    """The questions that a reader answers before a run, with what each choice is told."""
    states = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    views = [
        o.data[VIEW]["model_id"] for c in notebook.cells for o in c.get("outputs", []) if VIEW in o.get("data", {})
    ]
    for model in views:
        state = states.get(model, {}).get("state", {})
        if kind(state) == "Predict":
            scene = state["scene"]
            choices = [
                {"text": markup(c["choice"]), "why": markup(c["why"]), "right": k == scene["answer"]}
                for k, c in enumerate(scene["choices"])
            ]
            yield {"text": markup(scene["question"]), "choices": choices}


def sign(command):
    """A LaTeX command as its sign, or as its name where it is a function; a space for one that only sets the others."""
    code = convert_symbol(command[0])
    if code and unicodedata.category(found := chr(int(code, 16))) not in ("Mn", "Zs"):
        return found
    return command[1] if command[0] in (*FUNCTIONS, *LIMIT) else " "


def line(formula):
    """A found formula as a line of text, for what a search shows."""
    named = re.sub(r"\\([A-Za-z]+)", sign, formula[1].replace("}{", "/"))
    return re.sub(r"[{}&]|\\.", "", named)


def sections(name, main):
    """What is searched: {"lesson", "heading", "link", "text"} of each section of a page. It uses up the page's tree."""
    for silent in main.select("script, style, svg, summary, .numbers, .korean"):
        silent.decompose()
    for text in main.find_all(string=ANY_FORMULA):
        if not text.find_parent("pre"):
            text.replace_with(ANY_FORMULA.sub(line, text))
    for code in main("pre"):
        code.string = code.get_text()  # its colours cut words to pieces
    found = headings(main, "h1, h2, h3")
    lesson = found[0][1] if found else name
    for heading, _ in found:
        heading.replace_with("\0")
    for (heading, named), text in zip(found, main.get_text(" ").split("\0")[1:], strict=True):
        link = f"handouts/{name}.html#{heading['id']}"
        yield {"lesson": lesson, "heading": named, "link": link, "text": " ".join(text.split())}
