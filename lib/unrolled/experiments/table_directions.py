"""The experiments on two directions and on depth: a part of the table of all."""

from unrolled.experiments import delay, depth, leak, pronunciation, spacing
from unrolled.experiments.directions import DIRECTIONS
from unrolled.experiments.experiment import Experiment, grid

DEPTHS = [
    {"cell": cell, "layers": layers, "stack": stack, "share": share, "learning_rate": rate / 10_000}
    for cell, layers, stack, rates in (
        ("gru", 1, "plain", {1.0: (15, 30, 60), 0.25: (7.5, 15, 30)}),
        ("gru", 2, "plain", {1.0: (15, 30, 60), 0.25: (7.5, 15, 30)}),
        ("gru", 4, "plain", {1.0: (30, 60, 120), 0.25: (7.5, 15, 30)}),
        ("gru", 4, "residual", {1.0: (15, 30, 60), 0.25: (3.75, 7.5, 15)}),
        ("lstm", 1, "plain", {1.0: (30, 60, 120), 0.25: (15, 30, 60, 120)}),
        ("lstm", 2, "plain", {1.0: (60, 120, 240), 0.25: (120, 240, 480)}),
        ("lstm", 4, "plain", {1.0: (60, 120, 240), 0.25: (120, 240, 480)}),
        ("lstm", 4, "residual", {1.0: (30, 60, 120), 0.25: (120, 240, 480)}),
    )
    for share in (1.0, 0.25)
    for rate in rates[share]
]
EXPERIMENTS = {
    "delay": Experiment(
        delay.measure,
        "shares of right answers about a bit k steps before and one k steps after, given `delay` steps late (float32)",
        grid(direction=DIRECTIONS, delay=[0]) + grid(direction=["forward"], delay=[1, 2, 3]),
        {
            "cell": "rnn", "parameters": 1000, "k": 3, "T": 32, "N": 16, "steps": 600, "learning_rate": 5e-3,
            "max_norm": 1.0, "test_size": 500,
        },
    ),
    "pronunciation": Experiment(
        pronunciation.measure,
        "shares of right onsets, codas and words, read in one direction or both, and each one's ceiling (float32)",
        grid(direction=DIRECTIONS, learning_rate=[2e-3, 5e-3, 1e-2]),
        {
            "cell": "rnn", "E": 16, "parameters": 5000, "T": 12, "N": 32, "steps": 1000, "max_norm": 1.0,
            "test_size": 2000,
        },
    ),
    "spacing": Experiment(
        spacing.measure,
        "F1 of the spaces of Korean tales, read in one direction or both, beside tables of counts (float32)",
        grid(direction=DIRECTIONS, learning_rate=[1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2]),
        {
            "cell": "gru", "E": 24, "parameters": 11_000, "T": 40, "N": 16, "steps": 600, "max_norm": 1.0,
            "check_every": 50,
        },
        reads=("tales_ko.txt",),
    ),
    "leak": Experiment(
        leak.measure,
        "nats per character of a model that may not read the next one, and of one that may (float32)",
        grid(direction=["forward", "both"]),
        {
            "cell": "gru", "E": 16, "parameters": 10_000, "T": 32, "N": 16, "steps": 600, "learning_rate": 8e-3,
            "max_norm": 1.0,
        },
        reads=("tales.txt",),
    ),
    "depth": Experiment(
        depth.measure,
        "nats per character of stacks of equally many parameters, by layers, learning rate and how much text there is; "
        "the step that is kept is the best on the validation part (float32)",
        DEPTHS,
        {
            "parameters": 39_000, "D": 24, "T": 32, "N": 16, "max_norm": 1.0,
            "most": 1500, "check_every": 100, "early": 500,
        },
        reads=("tales.txt",),
        seeds=3,
    ),
    "depth_gradient": Experiment(
        depth.measure_gradient,
        "what is left, below all layers of an untrained stack, of a gradient of norm 1 from above",
        grid(cell=["rnn", "lstm", "gru"], layers=[1, 2, 4, 8, 12], stack=["plain", "residual"]),
        {"H": 64, "T": 20, "N": 16},
        seeds=3,
    ),
}  # fmt: skip
