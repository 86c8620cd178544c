"""The experiments on the variants: a part of the table of all."""

from unrolled.experiments import linear_state
from unrolled.experiments.experiment import Experiment, grid

SIZES = [{"T": T, "size": size} for T, size in ((512, 16), (4096, 16), (32_768, 16), (4096, 256), (512, 4096))]
EXPERIMENTS = {
    "scan": Experiment(
        linear_state.measure_scan,
        "processor time of a linear recurrence by a loop and by a scan, by length and by numbers at a step (float32)",
        SIZES,
        {"repeats": 5},
        seeds=3,
        costs=("loop_ms", "scan_ms"),
    ),
    "parity": Experiment(
        linear_state.measure,
        "shares of right answers at steps 2, 8 and 24 about a state that must be followed, at equal weights (float32)",
        grid(task=list(linear_state.TASKS), network=linear_state.NETWORKS, learning_rate=[3e-3, 1e-2]),
        {"parameters": 2000, "T": 24, "N": 32, "steps": 600, "max_norm": 1.0, "test_size": 500},
        seeds=3,
    ),
}  # fmt: skip
