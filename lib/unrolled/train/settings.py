"""What a run of training is made of: its settings, the law of each, and those that suit a budget."""

import ast
from dataclasses import asdict, dataclass

import numpy as np

from unrolled.cells import find_cell
from unrolled.environment.options import Law, at_least

LAWS = {
    "minutes": Law(float, "above 0 and finite", lambda x: 0 < x < np.inf),
    "steps": at_least(1),
    "most": at_least(2),
    "H": at_least(1),
    "D": at_least(0),
    "layers": at_least(1),
    "T": at_least(1),
    "N": at_least(1),
    "seed": at_least(0),
    "threads": at_least(1),
    "learning_rate": Law(float, "above 0 and at most 1, for about so far Adam moves each weight", lambda x: 0 < x <= 1),
    "dropout": Law(float, "at least 0 and below 1", lambda x: 0 <= x < 1),
    "weight_decay": Law(float, "at least 0 and at most 1", lambda x: 0 <= x <= 1),
    "held_out": Law(float, "above 0 and below 1", lambda x: 0 < x < 1),
}
SUITED = {"H": 256, "N": 32, "learning_rate": 4e-3, "dropout": 0.3}  # where they are None, the budget may choose others


@dataclass(frozen=True)
class Settings:
    """What makes a run, but for the text and the budget. D None: one-hot vectors.

    H, N, learning_rate, dropout: None is what suits the budget (`settings_for_budget`).
    threads: on how many BLAS multiplies. On an idle machine two may be faster; where others compute, too, they wait for
    each other, and a step can take fifty times as long.
    ValueError: a number that breaks its law, or no such cell.
    """

    cell: str = "gru"
    H: int | None = None
    D: int | None = 64
    layers: int = 1
    T: int = 50
    N: int | None = None
    learning_rate: float | None = None
    dropout: float | None = None
    weight_decay: float = 0.0
    held_out: float = 0.1
    seed: int = 0
    threads: int = 1

    def __post_init__(self):
        find_cell(self.cell)
        for name, value in asdict(self).items():
            if name in LAWS and not (value is None and name in (*SUITED, "D")):
                LAWS[name].check(name, value)


def settings_of(facts):
    """{name: value} of the settings and the budget that a model was made with; empty where it does not say them."""
    try:
        call = str(facts.get("settings")).replace("Settings(", "dict(").replace("), ", ", ") + ")"
        return {each.arg: ast.literal_eval(each.value) for each in ast.parse(call, mode="eval").body.keywords}
    except (SyntaxError, ValueError, AttributeError):
        return {}
