"""Predict: the reader commits to an answer, then sees the verdict and why."""

import re
from textwrap import fill

from traitlets import Int, TraitError, validate

from unrolled.figures import plots
from unrolled.widgets import base
from unrolled.widgets.mathml import to_nodes


def predict(question, choices, answer):
    r"""A question with one button for each choice. Whoever presses one has answered: then the verdict appears.

    question  text; `code` and $formulas$ are set as such, here and below; \$ is a dollar
    choices   {choice: a sentence that says why it is right or wrong}, from 2 to 26 of them
    answer    the right choice
    Afterwards `.chosen` is the reader's choice and `.right` says whether it was the answer; both are None before.
    An answer stands until the reader presses "again". Arrow keys and letters walk over the choices, Enter answers.
    TypeError: choices that are no dict. ValueError: fewer than two or more than 26, a choice without its why, an answer
    that is not among them, a formula that the page cannot set (see unrolled.widgets.mathml).
    """
    if not isinstance(choices, dict):
        raise TypeError(f"choices must be {{choice: why it is right or wrong}}, got {choices!r}")
    if not 2 <= len(choices) <= 26:
        raise ValueError(f"choices must be at least two, and 26 at most, got {list(choices)}")
    for choice, why in choices.items():
        if not isinstance(why, str) or not why.strip():
            raise ValueError(f"the choice {choice!r} must have a sentence that says why, got {why!r}")
    if answer not in choices:
        raise ValueError(f"answer must be one of the choices {list(choices)}, got {answer!r}")
    return Predict(str(question), choices, answer)


class Predict(base.Widget):
    """What `predict` returns."""

    _esm = base.source("question")
    _css = base.Widget._css + (base.FOLDER / "question.css").read_text("utf-8")
    place = Int(None, allow_none=True, help="of the reader's choice among the choices; None before").tag(sync=True)

    def __init__(self, question, choices, answer):
        self._question, self._choices = question, list(choices)
        self._answer = self._choices.index(answer)
        parts = [{"choice": to_nodes(choice), "why": to_nodes(why)} for choice, why in choices.items()]
        super().__init__(scene={"question": to_nodes(question), "choices": parts, "answer": self._answer})

    @property
    def chosen(self):
        """The reader's choice, None before."""
        return None if self.place is None else self._choices[self.place]

    @property
    def right(self):
        """Whether it was the answer, None before."""
        return None if self.place is None else self.place == self._answer

    @validate("place")
    def _one_of_the_choices(self, proposal):
        if proposal.value is not None and not 0 <= proposal.value < len(self._choices):
            raise TraitError(f"place must be None or from 0 to {len(self._choices) - 1}, got {proposal.value}")
        return proposal.value

    def still(self):
        """The question and its choices, without the answer."""
        title, *lines = [_wrap(line, "      " * (k > 0)) for k, line in enumerate(self._lines("   "))]
        rows = sum(line.count("\n") + 1 for line in (title, *lines))
        fig, ax = plots.figure(size=(9, 0.6 + 0.36 * rows))
        ax.axis("off")
        ax.set_title(title, loc="left")
        ax.text(0, 1, "\n".join(lines), transform=ax.transAxes, va="top", linespacing=1.5)
        return fig, f"A question to answer before the cell below runs. {'; '.join(self._lines(': '))}."

    def __repr__(self):
        question, *choices = self._lines("  ")
        return "\n".join([f"Predict: {question}", *(f"  {choice}" for choice in choices)])

    def _lines(self, mark):
        return [self._question, *(f"{chr(ord('A') + k)}{mark}{choice}" for k, choice in enumerate(self._choices))]


def _wrap(line, indent):
    """A line for matplotlib: wrapped between its words, never within a formula; code as it stands, dollars and all."""
    line = re.sub(r"`([^`]+)`", lambda code: code[1].replace("$", r"\$"), line)
    line = re.sub(r"(?<!\\)\$[^$]+\$", lambda law: law[0].replace(" ", "\0"), line)
    return fill(line, 70, break_long_words=False, subsequent_indent=indent).replace("\0", " ")
