"""The experiments on the variants: a part of the table of all."""

from unrolled.experiments import depth_paths, linear_state, sliced, wave
from unrolled.experiments.experiment import Experiment, grid

SPEEDS = [{"T": T, "N": N} for T, Ns in ((64, (1, 64)), (512, (1, 8, 64)), (4096, (1, 8)), (32_768, (1,))) for N in Ns]
SIZES = [{"T": T, "size": size} for T, size in ((512, 16), (4096, 16), (32_768, 16), (4096, 256), (512, 4096))]
EXPERIMENTS = {
    "clockwork": Experiment(
        wave.measure,
        "error over variance of a network that generates a wave of 320 steps, at equal weights; of those that are told "
        "the step; and of the clockwork with its arrows or its clock changed, at equal width (float32)",
        grid(
            network=(*wave.NETWORKS, *wave.TOLD, *list(wave.CLOCKWORKS)[1:]),
            learning_rate=[1e-3, 3e-3, 1e-2],
        ),
        {"T": 320, "blocks": 9, "parameters": 1850, "steps": 600, "early": 200, "max_norm": 1.0},
        seeds=3,
    ),
    "clockwork_order": Experiment(
        wave.measure_order,
        "share of right answers about the order of two signals, each in a stretch of three steps or both anywhere, of "
        "a clockwork with other arrows and of its fast block alone (float32)",
        grid(
            where=["stretches", "anywhere"],
            network=(*list(wave.CLOCKWORKS)[:3], wave.FAST, "rnn", "gru"),
            learning_rate=[2e-3, 5e-3, 1e-2],
        ),
        {"T": 30, "N": 32, "blocks": 5, "parameters": 2000, "steps": 900, "max_norm": 1.0, "test_size": 1000},
        seeds=3,
    ),
    "clockwork_text": Experiment(
        wave.measure_text,
        "nats per character of the tales, held out, at equal weights, and of the clockwork with all arrows or without "
        "its clock, at equal width (float32)",
        grid(network=(*wave.NETWORKS, "all arrows", "no clock"), learning_rate=[3e-3, 6e-3, 1.2e-2]),
        {"D": 32, "T": 32, "N": 16, "blocks": 5, "parameters": 5000, "steps": 800, "max_norm": 1.0},
        reads=("tales.txt",),
        seeds=3,
    ),
    "depth_paths": Experiment(
        depth_paths.measure,
        "nats per character of six layers of an LSTM of one width, by what leads up through them (float32)",
        grid(path=depth_paths.PATHS, learning_rate=[6e-3, 1.2e-2]),
        {"layers": 6, "H": 32, "T": 20, "N": 16, "steps": 500, "early": 200, "max_norm": 1.0},
        reads=("tales.txt",),
        seeds=3,
    ),
    "sliced": Experiment(
        sliced.measure,
        "shares of right answers about 64 symbols, by a GRU and in slices of 4, at equal weights, and by a GRU as "
        "narrow as the slices (float32)",
        grid(task=list(sliced.TASKS), network=sliced.NETWORKS, learning_rate=[2e-3, 5e-3, 1e-2], steps=[400])
        + grid(task=["temporal order", "lift"], network=sliced.NETWORKS, learning_rate=[1e-2], steps=[2000]),
        {"n": 4, "levels": 3, "parameters": 8000, "N": 32, "early": 100, "max_norm": 1.0, "test_size": 1000},
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
        grid(
            task=list(linear_state.TASKS), network=linear_state.NETWORKS, learning_rate=[3e-3, 1e-2], steps=[600]
        )
        + grid(
            task=["3 cups", "4 cups", "5 cups"], network=["rnn", "gru", "signed 1", "signed 2"],
            learning_rate=[1e-2], steps=[3000],
        ),
        {"parameters": 2000, "T": 24, "N": 32, "max_norm": 1.0, "test_size": 500},
        seeds=3,
    ),
}  # fmt: skip
