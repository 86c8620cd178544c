"""What each student of a rehearsal does: the first half of lesson 01, with one answer right and one wrong."""

import re
from copy import deepcopy
from typing import NamedTuple

import nbformat

from tools.build_handouts import ROOT

LESSON = ROOT / "notebooks" / "01_vanilla_rnn.ipynb"
ANSWERS = {  # for each exercise of that half: a right body of the stub, and a wrong one
    "rnn_step": ("return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)", "return np.tanh(x @ W_xh + h_prev @ W_hh)"),
    "count": ("return D * H + H * H + H * O + H + O", "return D * H + H * H + H * O"),
}
CHECK = re.compile(r"check\.(\w+)\(my_\1\b")


class Half(NamedTuple):
    """A notebook of the lesson's first half with a student's answers, and what their checks must say."""

    notebook: nbformat.NotebookNode
    verdicts: dict  # index of the check's cell -> how its text begins

    @property
    def code(self):
        """The indices of the code cells."""
        return [index for index, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]


def first_half(lesson, number):
    """The Half of student `number`: every second answer is right, and the next student has the others right.

    ValueError: an exercise has no answers here, or all the answers are of one kind.
    """
    notebook, verdicts = deepcopy(lesson), {}
    stop = next(i for i, cell in enumerate(notebook.cells) if "stop" in cell.metadata.get("tags", []))
    notebook.cells = notebook.cells[:stop]
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not (found := CHECK.match(cell.source)):
            continue
        name = found[1]
        if name not in ANSWERS:
            raise ValueError(f"the rehearsal has no answers to {name}: write them into ANSWERS of tools/hub/lesson.py")
        right = (number + len(verdicts)) % 2 == 0
        stub = next(cell for cell in notebook.cells if cell.source.startswith(f"def my_{name}("))
        stub.source = stub.source.replace("raise NotImplementedError", ANSWERS[name][not right])
        verdicts[index] = f"Right, {name}" if right else f"Not yet, {name}"
    if len(verdicts) < 2:
        raise ValueError(f"a student answers one exercise right and one wrong: the half must have 2, got {verdicts}")
    return Half(notebook, verdicts)
