"""An exercise in JupyterLab, by keyboard: failed, hinted, failed differently, solved; then the kernel that lived on."""

import json

import pytest

IMPORTS = """
import os

import numpy as np

os.environ["UNROLLED_PROGRESS"] = {path!r}
from unrolled.exercises import check, hint, progress, solution
"""
STUB = """def my_rnn_step(x, h_prev, W_xh, W_hh, b_h):
    raise NotImplementedError  # return h (N, H)"""
ANSWER = "def my_rnn_step(x, h_prev, W_xh, W_hh, b_h):\n    return {}"
COUNT = "(number) => jupyterapp.shell.currentWidget.content.widgets[number].model.executionCount"
CHECK, HINT, SOLUTION, PROGRESS = "check.rnn_step(my_rnn_step)", "hint()", "solution()", "progress()"


class Desk:
    """The exercise's cells as a reader uses them."""

    def __init__(self, shown):
        self.shown, self.cells = shown, shown.page.locator(".jp-Notebook .jp-CodeCell")

    def run(self, number):
        """Run a cell as Shift-Enter does, and what it printed."""
        before = self.shown.page.evaluate(COUNT, number)
        self.cells.nth(number).locator(".cm-content").press("Shift+Enter")
        ran = f"([number, before]) => ![null, before].includes(({COUNT})(number))"
        self.shown.page.wait_for_function(ran, arg=[number, before])
        self.shown.settle()
        outputs = self.shown.cells()[number].get("outputs", [])
        assert all(output["output_type"] == "stream" for output in outputs), outputs
        return "".join("".join(output["text"]) for output in outputs)

    def answer(self, expression):
        """Write an answer into the stub's cell, run it, and what the check says."""
        editor = self.cells.nth(1).locator(".cm-content")
        editor.click()
        editor.press("ControlOrMeta+a")
        self.shown.page.keyboard.insert_text(ANSWER.format(expression))
        assert self.run(1) == ""
        return self.run(2)


@pytest.fixture
def desk(lab, tmp_path):
    path = tmp_path / "progress.json"
    shown = lab([IMPORTS.format(path=str(path)), STUB, CHECK, HINT, SOLUTION, PROGRESS])
    return Desk(shown), path


def test_failed_hinted_failed_differently_solved(desk):
    desk, progress = desk
    assert desk.run(2) == 'Not attempted, rnn_step: hint("rnn_step") helps, solution("rnn_step") shows\nours.\n'
    assert not progress.exists()

    first = desk.answer("np.tanh(x @ W_xh + h_prev @ W_hh)")
    assert first.startswith("Not yet, rnn_step: you gave h[0, 0] = ")
    assert "\nYour mistake: b_h is missing.\nRemember: it is added before tanh.\n" in first
    hints = [desk.run(3) for _ in range(3)]  # the first came when the notebook was run to its end
    assert [hint[:11] for hint in hints] == ["Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]

    second = desk.answer("np.tanh(x @ W_xh + h_prev @ W_hh.T + b_h)")
    assert second.startswith("Not yet, rnn_step: ")
    assert "W_hh" in second
    assert "transpose" in second
    assert json.loads(progress.read_text("utf-8")) == {"rnn_step": False}

    third = desk.answer("np.tanh(x @ W_xh + h_prev @ W_hh + b_h)")
    assert third.startswith("Right, rnn_step: for all ")
    assert json.loads(progress.read_text("utf-8")) == {"rnn_step": True}
    assert desk.run(5).startswith("Right so far: 1 of ")
    assert "return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)" in desk.run(4)
    desk.shown.screenshot()


def test_an_endless_answer_is_stopped_and_the_kernel_lives(desk):
    desk, _ = desk
    said = desk.answer("next(0 for _ in iter(int, 1) if False)")
    assert "is there a loop without an end?" in " ".join(said.split())
    assert desk.shown.kernel("1 + 1") == 2
