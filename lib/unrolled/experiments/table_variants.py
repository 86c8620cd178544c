"""The experiments on the variants: a part of the table of all."""

from unrolled.experiments import linear_state, sliced
from unrolled.experiments.experiment import Experiment, grid

SPEEDS = [{"T": T, "N": N} for T, Ns in ((64, (1, 64)), (512, (1, 8, 64)), (4096, (1, 8)), (32_768, (1,))) for N in Ns]
SIZES = [{"T": T, "size": size} for T, size in ((512, 16), (4096, 16), (32_768, 16), (4096, 256), (512, 4096))]
EXPERIMENTS = {
    "sliced": Experiment(
        sliced.measure,
        "shares of right answers about 64 symbols, by a GRU and in slices of 4, at equal weights (float32)",
        grid(task=list(sliced.TASKS), network=["gru", "sliced"], learning_rate=[2e-3, 5e-3, 1e-2]),
        {
            "n": 4, "levels": 3, "parameters": 8000, "N": 32, "steps": 400, "early": 100, "max_norm": 1.0,
            "test_size": 1000,
        },
        seeds=3,
    ),
    "sliced_speed": Experiment(
        sliced.measure_speed,
        "processor time of a last state and its gradients, of a GRU and in slices of 8, by length and batch (float32)",
        SPEEDS,
        {"n": 8, "D": 50, "H": 50, "repeats": 3},
        seeds=3,
        costs=("gru_ms", "sliced_ms"),
    ),
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
