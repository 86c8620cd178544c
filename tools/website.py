"""The course as a folder of pages that needs no server: map, handouts, slides, search, and how to teach with it."""

import json
import re
import shutil
from html import escape, unescape
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from nbconvert.filters import markdown2html

from tools.dress import CHECK, STATE, VIEW, kind, markup, slide_type, smaller, unfolded, words
from tools.export import title, write
from tools.page_scripts import script
from unrolled.course import thumbnails
from unrolled.course.lessons import LESSONS
from unrolled.figures import plots
from unrolled.widgets.mathml import FUNCTIONS, LETTERS, OPERATORS, to_nodes

WEB = Path(__file__).with_name("web")
DROPPED = re.compile(r"<(script|style|svg|summary)\b.*?</\1>|<img[^>]*>", re.DOTALL)
HEADING = re.compile(r'<h[123][^>]* id="([^"]+)"[^>]*>(.*?)<a class="anchor-link".*?</h[123]>', re.DOTALL)
FORMULA = re.compile(r"(?<!\\)\$([^$\n]+)\$")
CODE_OR_FORMULA = re.compile(r"<pre.*?</pre>|(?<!\\)\$\$?([^$]+)\$\$?", re.DOTALL)
SIGNS = LETTERS | OPERATORS | {name: name for name in FUNCTIONS}


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
    lessons = [described(name, executed.get(name), products.get(name, {})) for name in in_order(products)]
    found = [section for name in products for section in sections(site / "handouts" / f"{name}.html")]
    environment = Environment(
        loader=FileSystemLoader(WEB), autoescape=False, trim_blocks=True, keep_trailing_newline=True
    )
    titles = {"index": "Unrolled", "search": "Search · Unrolled", "teaching": "Teaching · Unrolled", "404": "Not there"}
    for name, shown in titles.items():
        write(
            site / f"{name}.html",
            environment.get_template(f"{name}.html.j2").render(title=shown, lessons=lessons, run=run),
        )
    for name in ("style.css", "search.js", "favicon.svg"):
        shutil.copyfile(WEB / name, site / name)
    write(site / "minisearch.js", script("minisearch"))
    write(site / "sections.js", f"const SECTIONS = {json.dumps(found, ensure_ascii=False)};\n")
    write(site / ".nojekyll", "")
    return site


def in_order(products):
    """All pages that stand, and the lessons of the map that do not yet."""
    return sorted({*products, *(lesson.name for lesson in LESSONS)})


def described(name, executed, made):
    """What the index and the teaching page say of a lesson."""
    lesson = next((lesson for lesson in LESSONS if lesson.name == name), None)
    about = {"title": lesson and escape(f"{name[:2]} {lesson.title}"), "page": "", "shows": "", "picture": ""}
    if lesson:
        fig, ax = plots.figure(size=(3, 1.6))
        thumbnails.thumbnail(ax, int(name[:2]))
        ax.set_anchor("C")
        about |= {
            "shows": escape(lesson.shows),
            "picture": plots.image(fig, alt=lesson.picture),
            "time": f"{lesson.minutes} minutes",
        }
    if not made:
        return about
    notebook = nbformat.read(executed, 4)
    about["title"] = about["title"] or escape(title(notebook) or name)
    about |= {kind: f"{path.parent.name}/{path.name}" for kind, path in made.items()}
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    about["shows"] = about["shows"] or set_line(texts[0].split("\n\n")[1].partition(". ")[0].rstrip(".") + ".")
    about["picture"] = about["picture"] or first_picture(notebook)
    if said := re.search(r"About (\w+ (?:minutes|hours))", texts[0]):
        about.setdefault("time", said[1])
    about["parts"] = sum(bool(re.match(r"## \d", text)) for text in texts)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    about["exercises"] = len(set(CHECK.findall(code)))
    about["notes"] = [set_text(unfolded(cell.source)) for cell in notebook.cells if slide_type(cell) == "notes"]
    about["stops"] = stops(notebook, made["page"])
    about["questions"] = list(questions(notebook))
    return about


def first_picture(notebook):
    """The first picture of a notebook, for those that the map of the course has none of."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if about := output.get("metadata", {}).get("image/png"):
            picture = smaller(output.data["image/png"])
            return f'<img alt="{words(about)["alt"]}" src="data:image/webp;base64,{picture}">'
    return ""


def set_text(markdown):
    """Markdown as HTML, its formulas as MathML, which needs no script."""
    return markdown2html(FORMULA.sub(mathml, markdown)).replace('class="anchor-link"', "hidden")


def mathml(law):
    """A found formula as MathML; as its LaTeX where that says more than MathML can be made of."""
    try:
        return markup(to_nodes(re.sub(r"\\(le|ge)\b", r"\\\1q", law[0])))
    except ValueError:
        return f"<code>{escape(law[1])}</code>"


def stops(notebook, page):
    """Where a class can stop: {"title", "anchor", "after": the section before it}."""
    last, found = "", []
    anchors = {plain(text): anchor for anchor, text in HEADING.findall(page.read_text("utf-8"))}
    for cell in notebook.cells:
        heading = re.search(r"^##+ (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if "stop" in cell.metadata.get("tags", []) and heading:
            found.append({"title": heading[1], "anchor": anchors.get(heading[1], ""), "after": set_line(last)})
        if heading and cell.source.startswith("## "):
            last = heading[1]
    return found


def set_line(text):
    """One line of Markdown as HTML, without its paragraph; a number at its start begins no list."""
    return re.sub(r"^<p>|</p>$", "", set_text(re.sub(r"^(\d+)\.", r"\1\\.", text)).strip())


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


def plain(text):
    """The words of a piece of HTML."""
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", DROPPED.sub(" ", text))))
        .replace("¶", " ")
        .split()
    )


def line(found):
    """A found formula as a line of text, for what a search shows; code as it is."""
    if not found[1]:
        return found[0]
    named = re.sub(r"\\([A-Za-z]+)", lambda command: SIGNS.get(command[1], " "), found[1].replace("}{", "/"))
    return re.sub(r"[{}]|\\.|&amp;", "", named)


def sections(page):
    """What is searched: {"lesson", "heading", "link", "text"} of each section of a handout."""
    body = DROPPED.sub(" ", page.read_text("utf-8").partition("<main")[2].partition("</main>")[0])
    body = CODE_OR_FORMULA.sub(line, body)
    headings = [*HEADING.finditer(body)]
    ends = [found.start() for found in headings[1:]] + [len(body)]
    lesson = plain(headings[0][2]) if headings else page.stem
    for found, end in zip(headings, ends):
        link = f"handouts/{page.name}#{found[1]}"
        yield {"lesson": lesson, "heading": plain(found[2]), "link": link, "text": plain(body[found.end() : end])}
