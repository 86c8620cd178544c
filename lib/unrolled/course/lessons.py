"""The course: its lessons in order, and the map that lesson 00 shows of them."""

from functools import cache
from html import escape
from typing import NamedTuple

from unrolled.course import notebooks, thumbnails
from unrolled.course.korean import translation
from unrolled.figures import plots

SIZE = "font-size:var(--jp-content-font-size1,16px)"  # JupyterLab's, which grows in a presentation


class Lesson(NamedTuple):
    """name is its notebook's, without .ipynb; minutes are those of a class; picture says its thumbnail in words."""

    name: str
    minutes: int
    title: str
    shows: str
    picture: str


LESSONS = [
    Lesson(
        *("01_vanilla_rnn", 50, "Vanilla RNN"),
        "One step, used again and again: first by hand, then to forecast the sunspots.",
        "Three states in a row, an input below and an output above each.",
    ),
    Lesson(
        *("02_computational_graph", 50, "Computational graph"),
        "You write the tape and the backward pass. A shared weight collects its gradients.",
        "An input and a weight meet in a product, then tanh; gradients flow back.",
    ),
    Lesson(
        *("03_bptt", 50, "Backpropagation through time"),
        "The way back, first with a pencil; what it saves to cut it, and what it costs.",
        "Three states in a row, a loss on the last; gradients flow back to the first.",
    ),
    Lesson(
        *("04_char_rnn", 50, "Character RNN"),
        "From “hello” to whole texts, one character after the other.",
        "The letters h, e, l, l, and above each the one that follows it: e, l, l, o.",
    ),
    Lesson(
        *("05_captioning", 50, "Image captions"),
        "You build the network that says what is on an image, and you grade it.",
        "An image of nine squares, the middle one red; then the words red and dot.",
    ),
    Lesson(
        *("06_attention", 50, "Attention"),
        "Where a network looks while it speaks, and what that look does not tell.",
        "Three places of different sizes, each with an arrow to their mean.",
    ),
    Lesson(
        *("07_gradient_flow", 50, "Gradient flow"),
        "Why gradients vanish and explode over time, and what clipping mends.",
        "Three gradients in a row, each smaller than the one to its right.",
    ),
    Lesson(
        *("08_lstm", 50, "LSTM"),
        "A cell state behind gates, and what each gate is good for.",
        "A cell state goes through a forget gate; an input gate adds to it.",
    ),
    Lesson(
        *("09_gru", 50, "GRU"),
        "The same idea with two gates and no cell state, measured beside the LSTM.",
        "A state goes through an update gate; a reset gate makes the candidate.",
    ),
    Lesson(
        *("10_deep_and_bidirectional", 55, "Deep and bidirectional networks"),
        "What one direction can reach at best, counted and then approached; and layers upon layers.",
        "Three inputs; above them a chain of states to the right, below them one to the left.",
    ),
    Lesson(
        *("11_sequence_to_sequence", 55, "Sequence to sequence"),
        "English numbers become Korean ones: how long a number one vector carries, and what attention aligns.",
        "Two states read, two states write; above each that writes, a word.",
    ),
    Lesson(
        *("12_variants", 55, "Variants"),
        "Cells that sleep, cells that are joined as a tree, six layers, slices: each claim, and what a run says of it.",
        "Three rows of states by time: the lowest moves at each step, the next at every other, the top one once.",
    ),
    Lesson(
        *("13_applications", 55, "Applications"),
        "Eight uses that the notes name, each beside an honest baseline: who wins, and what decides it.",
        "Two bars of one height, one for the network and one for the baseline, and a question between them.",
    ),
]


def in_korean(lesson):
    """{"title", "shows"}: what the map says of a lesson, in Korean; None where the catalogue has none."""
    return {part: translation(f"lessons:{lesson.name}:{part}", getattr(lesson, part)) for part in ("title", "shows")}


class CourseMap:
    """The lessons as a table with pictures, Korean below the English.

    One that is in notebooks/ is a link; the others are "not yet here".
    """

    def __init__(self):
        self.here = {lesson for lesson in LESSONS if (notebooks.folder() / f"{lesson.name}.ipynb").is_file()}

    def __repr__(self):
        missing = lambda lesson: "" if lesson in self.here else " (not yet here)"
        return "\n".join(f"{lesson.minutes} min  {_full_title(lesson)}{missing(lesson)}" for lesson in LESSONS)

    def _repr_html_(self):
        rows = ([_picture(n), self._link(n), _shows(n), n.minutes] for n in LESSONS)
        return html_table(["", "lesson", "what it shows", "minutes in class"], rows)

    def _link(self, lesson):
        title, korean = escape(_full_title(lesson)), _below(in_korean(lesson)["title"])
        if lesson in self.here:
            return f'<a href="{lesson.name}.ipynb">{title}</a>{korean}'
        return f"{title}{korean}<br>(not yet here)"


def _full_title(lesson):
    return f"{lesson.name[:2]} {lesson.title}"


def _shows(lesson):
    return escape(lesson.shows) + _below(in_korean(lesson)["shows"])


def _below(korean):
    return f'<br><span lang="ko">{escape(korean)}</span>' if korean else ""


@cache
def _picture(lesson):
    fig, ax = plots.figure(size=(2, 1.3))
    thumbnails.thumbnail(ax, int(lesson.name[:2]))
    ax.set_anchor("C")
    return f'<div style="width:200px">{plots.image(fig, alt=lesson.picture)}</div>'


def html_table(head, rows):
    """A table of cells that are HTML, in `SIZE`."""
    body = "".join(_row("td", cells) for cells in rows)
    return f'<table style="{SIZE}"><thead>{_row("th", head)}</thead><tbody>{body}</tbody></table>'


def _row(tag, cells):
    return "<tr>" + "".join(f'<{tag} style="text-align:left">{cell}</{tag}>' for cell in cells) + "</tr>"
