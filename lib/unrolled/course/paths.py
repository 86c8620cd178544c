"""Four ways through the course, as lesson 00 and the site show them: what in which order, and for how many minutes."""

from html import escape
from typing import NamedTuple

from unrolled.course import links, notebooks
from unrolled.course.lessons import LESSONS, SIZE, html_table

RECAP = None  # as a section: a lesson's recap
TITLES = {lesson.name: f"{lesson.name[:2]} {lesson.title}" for lesson in LESSONS}
TITLES |= {"00_start_here": "00 Start here", "before_and_after": "Before and after"}


class Visit(NamedTuple):
    """A notebook's sections from first to last; 0: the whole of it, as it is for a class."""

    name: str
    first: int | None = 0
    last: int | None = 0

    def covers(self, section):
        """Whether a section is visited, by its number; RECAP is the recap."""
        if RECAP in (section, self.first):
            return self.first in (0, section)
        return self.first == 0 or self.first <= section <= max(self.first, self.last)

    def at(self, section):
        """The visit of one of its sections."""
        return Visit(self.name, section, section)

    def __str__(self):
        if self.first == 0:
            return TITLES[self.name]
        if self.first is RECAP:
            return f"{self.name[:2]}, recap"
        more = f"s {self.first} to {self.last}" if self.last > self.first else f" {self.first}"
        return f"{self.name[:2]}, section{more}"

    def link(self):
        """The address of the first section, or None where the notebook is not there yet."""
        if not (notebooks.folder() / f"{self.name}.ipynb").is_file():
            return None
        if self.first == 0:
            return f"{self.name}.ipynb"
        begins = "Recap" if self.first is RECAP else f"{self.first}."
        place = next(place for place in links.list_sections(f"{self.name}.ipynb") if place.startswith(begins))
        return f"{self.name}.ipynb#" + place.replace('"', "%22")


class Stage(NamedTuple):
    """A part of a path. An exercise is "03.2", the second of lesson 03: to do within the minutes, or at home."""

    title: str
    minutes: int
    visits: tuple
    exercises: tuple = ()
    at_home: tuple = ()


class Path(NamedTuple):
    """A way through the course. In a notebook it shows itself as a table."""

    title: str
    about: str
    stages: tuple

    @property
    def minutes(self):
        """Of all its stages."""
        return sum(stage.minutes for stage in self.stages)

    def __repr__(self):
        rows = [f"{stage.minutes:4} min  {stage.title}: {'; '.join(map(str, stage.visits))}" for stage in self.stages]
        return "\n".join([f"{self.title} ({self.minutes} minutes). {self.about}", *rows])

    def _repr_html_(self):
        head = ["part", "what", *(["exercises"] if self._has_exercises else []), "minutes"]
        about = f"<b>{escape(self.title)}, {self.minutes} minutes.</b> {escape(self.about)}"
        return f'<p style="{SIZE}">{about}</p>' + html_table(head, map(self._cells, self.stages))

    @property
    def _has_exercises(self):
        return any(stage.exercises or stage.at_home for stage in self.stages)

    def _cells(self, stage):
        yield escape(stage.title)
        yield "<br>".join(map(_link, stage.visits))
        if self._has_exercises:
            home = f"at home: {', '.join(stage.at_home)}" if stage.at_home else ""
            yield "<br>".join(filter(None, [", ".join(stage.exercises), home]))
        yield stage.minutes


def _link(visit):
    address, said = visit.link(), escape(str(visit))
    return f'<a href="{escape(address)}">{said}</a>' if address else f"{said} (not yet here)"


LECTURE = Path(
    "The lecture",
    "Lecture 10 of CS231n in one go and in its own order: one deck, made of lessons 01 to 09.",
    (
        Stage("Recurrence", 4, (Visit("01_vanilla_rnn", 1),)),
        Stage("Five shapes", 1, (Visit("01_vanilla_rnn", 2),)),
        Stage("One step by hand", 6, (Visit("01_vanilla_rnn", 3, 5),)),
        Stage("One W, three gradients", 4, (Visit("02_computational_graph", 5),)),
        Stage("Hello", 5, (Visit("04_char_rnn", 1),)),
        Stage("Backpropagation through time", 3, (Visit("03_bptt", 2, 3),)),
        Stage("Truncation", 5, (Visit("03_bptt", 7, 8),)),
        Stage("Captioning", 5, (Visit("05_captioning", 1, 6),)),
        Stage("Attention", 9, (Visit("06_attention", 1, 7),)),
        Stage("Gradient flow", 5, (Visit("07_gradient_flow", 1, 3),)),
        Stage("Clipping", 5, (Visit("07_gradient_flow", 5, 7),)),
        Stage("LSTM", 10, (Visit("08_lstm", 1, 4),)),
        Stage("GRU", 3, (Visit("09_gru", 1),)),
        Stage("Summary", 2, (Visit("07_gradient_flow", RECAP), Visit("08_lstm", RECAP), Visit("09_gru", 5))),
    ),
)

COURSE = Path(
    "The course",
    "Eight meetings of at most 90 minutes; “03.2” is exercise 2 of lesson 03. Of 12 and 13 the last two take a "
    "variant, a card and the verdict; what is left of them stands alone.",
    (
        Stage(
            *("1 · One step", 72),
            (Visit("before_and_after"), Visit("00_start_here"), Visit("01_vanilla_rnn")),
            *(("01.1",), ("01.2", "01.3", "01.4", "01.5")),
        ),
        Stage(
            *("2 · The graph, and the way back", 85),
            (Visit("02_computational_graph"), Visit("03_bptt", 1, 5)),
            *(("02.2", "03.1"), ("02.1", "02.3", "02.4", "02.5", "03.2", "03.3")),
        ),
        Stage(
            *("3 · Truncation, text, captions", 86),
            (Visit("03_bptt", 6, 8), Visit("04_char_rnn"), Visit("05_captioning", 1, 3)),
            *(("04.1",), ("03.4", "04.2", "04.3", "04.4", "05.1", "05.2", "05.3")),
        ),
        Stage(
            *("4 · A captioner, attention", 75),
            (Visit("05_captioning", 4, 7), Visit("06_attention")),
            *(("06.2",), ("05.4", "05.5", "05.6", "06.1", "06.3", "06.4")),
        ),
        Stage(
            *("5 · Gradient flow, the LSTM's cell", 80),
            (Visit("07_gradient_flow"), Visit("08_lstm", 1, 3)),
            *(("07.1", "08.1"), ("07.2", "07.3", "07.4", "07.5", "08.2", "08.3", "08.4")),
        ),
        Stage(
            *("6 · What an LSTM is good for, the GRU", 75),
            (Visit("08_lstm", 4, 5), Visit("09_gru")),
            *(("09.1",), ("08.5", "08.6", "09.2", "09.3", "09.4")),
        ),
        Stage(
            *("7 · Two directions, many layers, a variant", 88),
            (Visit("10_deep_and_bidirectional"), Visit("12_variants", 1, 2)),
            *(("10.1",), ("10.2", "10.3", "12.1")),
        ),
        Stage(
            *("8 · Translation, and who wins", 84),
            (
                Visit("11_sequence_to_sequence"),
                *(Visit("13_applications", 1), Visit("13_applications", 10), Visit("before_and_after")),
            ),
            *(("11.1",), ("11.2", "11.3")),
        ),
    ),
)

EVENING = Path(
    "An evening alone",
    "From “hello” to the LSTM in two hours: read, run, and write what the exercises ask for.",
    (
        Stage("One step", 19, (Visit("01_vanilla_rnn", 1, 5),), ("01.1",)),
        Stage("Hello", 19, (Visit("04_char_rnn", 1),), ("04.1",)),
        Stage("The way back", 33, (Visit("03_bptt", 1, 4),), ("03.1", "03.2", "03.3")),
        Stage("The LSTM", 32, (Visit("08_lstm", 1, 3),), ("08.1", "08.3")),
        Stage("What its gates do to a gradient", 16, (Visit("08_lstm", 4),)),
    ),
)

PICTURES = Path(
    "Only the pictures",
    "Figures to look at and sliders to move, on the pages, too, where no Python runs. Read the titles, skip the rest.",
    (
        Stage("A loop, unrolled", 3, (Visit("01_vanilla_rnn", 1), Visit("01_vanilla_rnn", 9))),
        Stage("The graph, forward and back", 2, (Visit("02_computational_graph", 5),)),
        Stage("What a chunk cuts", 1, (Visit("03_bptt", 7, 8),)),
        Stage("A network that writes", 5, (Visit("04_char_rnn", 1), Visit("04_char_rnn", 6))),
        Stage("What it says of pictures", 1, (Visit("05_captioning", 4),)),
        Stage("Where it looks", 5, (Visit("06_attention", 1), Visit("06_attention", 5))),
        Stage("Gradients that vanish", 6, (Visit("07_gradient_flow", 1, 3),)),
        Stage("The conveyor", 4, (Visit("08_lstm", 3, 4),)),
        Stage("A gate is a time constant", 3, (Visit("09_gru", 4),)),
        Stage("Two directions", 3, (Visit("10_deep_and_bidirectional", 1),)),
        Stage("What attention aligns", 4, (Visit("11_sequence_to_sequence", 4, 5),)),
    ),
)

PATHS = {"lecture": LECTURE, "course": COURSE, "evening": EVENING, "pictures": PICTURES}
