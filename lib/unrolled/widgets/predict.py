"""Predict: the reader commits to an answer, then sees the verdict and why."""

import re
from html import escape

from ipywidgets import Button, HBox, HTMLMath, Layout, VBox


def predict(question, choices, answer, why):
    """A question with one button for each choice. Whoever presses one has answered: then the verdict appears.

    question  text; `code` and $formulas$ are set as such, here and below
    choices   two or more different texts
    answer    the right one of them
    why       {choice: a sentence that says why it is right or wrong}, or those sentences in the order of the choices
    Afterwards `.chosen` is the reader's choice and `.right` says whether it was the answer; both are None before.
    ValueError: fewer than two choices, an answer that is not among them, a choice without its why.
    """
    choices = list(choices)
    if len(choices) < 2 or len(set(choices)) < len(choices):
        raise ValueError(f"choices must be at least two different ones, got {choices}")
    if answer not in choices:
        raise ValueError(f"answer must be one of the choices {choices}, got {answer!r}")
    if not isinstance(why, dict):
        if isinstance(why, str) or len(why) != len(choices):
            raise ValueError(f"why must give one sentence for each of the {len(choices)} choices, got {why!r}")
        why = dict(zip(choices, why))
    if set(why) != set(choices):
        raise ValueError(f"why must have the choices {choices} as its keys, got {list(why)}")
    return Predict(str(question), choices, answer, why)


class Predict(VBox):
    """What `predict` returns."""

    def __init__(self, question, choices, answer, why):
        self._question, self._choices, self._answer, self._why = question, choices, answer, why
        self.chosen = self.right = None
        narrow = {"width": "4.5em", "flex": "none"}
        self.buttons = [Button(description=letter, layout=narrow) for letter in _letters(choices)]
        for button, choice in zip(self.buttons, choices):
            button.tooltip = f"Choose {button.description}: {choice}"
            button.on_click(lambda _, choice=choice: self._commit(choice))
        middle = Layout(align_items="center")
        rows = [HBox([button, _words(_set(choice))], layout=middle) for button, choice in zip(self.buttons, choices)]
        self.verdict = _words("")
        super().__init__([_words(f"<b>Predict.</b> {_set(question)}"), *rows, self.verdict])

    def _commit(self, choice):
        if self.chosen is not None:
            return
        self.chosen, self.right = choice, choice == self._answer
        for button, each in zip(self.buttons, self._choices):
            button.disabled = True
            button.icon = "check" if each == self._answer else "times" if each == choice else ""
        letter = dict(zip(self._choices, _letters(self._choices)))
        head = "Right." if self.right else f"Not so: the answer is {letter[self._answer]}."
        text = f"You chose {letter[choice]}. <b>{head}</b> {_set(self._why[choice])}"
        self.verdict.value = f'<div role="status">{text}</div>'

    def __repr__(self):
        lines = [f"  {letter}  {choice}" for letter, choice in zip(_letters(self._choices), self._choices)]
        return "\n".join([f"Predict: {self._question}", *lines])

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": repr(self)}  # whole, for a page without a kernel


def _letters(choices):
    return [chr(ord("A") + number) for number in range(len(choices))]


def _words(html):
    return HTMLMath(html, style={"font_size": "15px"})


def _set(text):
    """Text as HTML that shows it; `code` in a typewriter face."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(str(text)))
