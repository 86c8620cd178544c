"""All experiments, with their settings and sizes: the one place where these stand."""

from unrolled.experiments import (
    captioning,
    char_models,
    clipping,
    echo,
    forget_bias,
    gradient_flow,
    long_memory,
    race,
    random_cells,
    reservoir,
    temporal_order,
    time_constants,
    truncation,
    variants_compared,
)
from unrolled.experiments.experiment import Experiment, grid

CAPTIONERS = {"cell": "lstm", "N": 64, "test_size": 1000}
GATES_IN_ORDER = ["carousel", "+ input gate", "+ output gate", "+ forget gate"]
EXPERIMENTS = {
    "gradient_flow": Experiment(
        gradient_flow.measure,
        "what is left of a gradient after T steps back, and the rate for each step beside that of W_hh's powers",
        grid(
            W_hh=["orthogonal"], singular_value=[0.9, 1.0, 1.1, 1.5], activation=["identity", "tanh"],
            inputs=["zero", "normal"],
        )
        + grid(
            W_hh=["gaussian"], singular_value=[1.5, 2.0], activation=["identity", "tanh"], inputs=["zero", "normal"]
        )
        + grid(W_hh=["orthogonal"], singular_value=[3.9], activation=["sigmoid"], inputs=["zero", "normal"]),
        {"H": 64, "T": 99, "N": 8},
    ),
    "truncation_cosine": Experiment(
        truncation.measure_cosine,
        "cosine between the gradient of truncated backpropagation, in chunks of k steps, and the full one",
        grid(targets=["echo", "random"], W_hh=["glorot", 0.9, 1.1, 1.5], k=[1, 2, 5, 10, 25, 50, 100]),
        {"H": 32, "N": 32, "T": 100, "delay": 10},
    ),
    "truncation_bias": Experiment(
        truncation.measure_bias,
        "cosine between a gradient in chunks of k steps, averaged over few sequences, and the full one over very many",
        grid(k=[1, 5, 100], sequences_averaged=[1, 4, 16, 64, 256]),
        {"H": 32, "T": 100, "delay": 10, "sequences_in_all": 2048},
    ),
    "truncation_cost": Experiment(
        truncation.measure_cost,
        "peak memory and processor time of a gradient over T steps (full), over k (truncated), and of T/k such (pass)",
        grid(T=[25, 50, 100, 200, 400, 800, 1600]),
        {"H": 64, "N": 32, "k": 25, "delay": 10, "repeats": 5},
        costs=("memory_full_MB", "memory_truncated_MB", "time_full_ms", "time_truncated_ms", "time_pass_ms"),
    ),
    "echo": Experiment(
        echo.measure,
        "loss in nats, at the end and at best, of repeating a bit after `delay` steps, by chunks of k (float32)",
        grid(state=["carry", "reset"], W_hh=["glorot"], delay=[5, 10], k=[3, 5, 8, 10, 12, 20, 40])
        + grid(state=["carry"], W_hh=["small"], delay=[5, 10], k=[3, 5, 8, 10, 12, 20, 40]),
        {"H": 32, "N": 32, "time_steps": 24_000, "learning_rate": 3e-3},
    ),
    "echo_read_out": Experiment(
        echo.measure,
        "loss in nats, at the end and at best, of the echo task where the window just misses it (float32)",
        grid(trained=["all", "read-out"], k=[10]),
        {
            "state": "carry", "W_hh": "glorot", "delay": 10,
            "H": 32, "N": 32, "time_steps": 24_000, "learning_rate": 3e-3,
        },
    ),
    "reservoir": Experiment(
        reservoir.measure,
        "loss in nats at the end of learning a bit said `lag` steps ago, by gradients through k steps (float32)",
        grid(
            between=["silence", "bits"], trained=["all", "read-out"], W_hh=["glorot", "small"],
            state=["carry", "reset"],
        ),
        {"lag": 20, "k": 5, "H": 32, "N": 32, "updates": 1000, "learning_rate": 3e-3},
    ),
    "temporal_order": Experiment(
        temporal_order.measure,
        "steps of SGD until less than 1 % of 10000 sequences are wrong, checked every 50 steps (float32)",
        grid(T=[20], learning_rate=[0.1, 0.01], max_norm=[None, 1.0], steps=[6000])
        + grid(T=[50], learning_rate=[0.1], max_norm=[None, 1.0], steps=[3000]),
        {"H": 50, "N": 20, "std": 0.1, "check_every": 50, "test_size": 10_000},
    ),
    "clipping": Experiment(
        clipping.measure,
        "cosine between a clipped and the raw gradient, clipped by norm and by value at the same limit",
        grid(gradient=["training", "untrained"], limit=[0.01, 0.1, 1.0, 5.0]),
        {
            "training": {
                "T": 20, "H": 50, "N": 20, "std": 0.1, "learning_rate": 0.1, "max_norm": 1.0, "steps": 500,
            },
            "untrained": {"T": 50, "H": 64, "N": 16, "gain": 2.0},
        },
    ),
    "char_models": Experiment(
        char_models.measure,
        "held-out nats per character of the tales by steps, beside the best n-gram, and the seconds until it is passed",
        grid(cell=["rnn", "lstm", "gru"]),
        {
            "parameters": 150_000, "D": 32, "T": 50, "N": 16, "learning_rate": 3e-3, "dropout": 0.3, "max_norm": 1.0,
        },
        reads=("tales.txt",),
        costs=("seconds_to_pass",),
    ),
    "forget_bias": Experiment(
        forget_bias.measure,
        "what is left of dL/dc_T at c_1, and the direct path's share of dc_T/dc_0, in an untrained LSTM",
        grid(forget=[0, 1, 2, 3, 5], gain=[1.0, 3.0]),
        {"T": 100, "H": 64, "N": 4, "short": 10},
    ),
    "gates_in_order": Experiment(
        variants_compared.measure_gates,
        "loss as a share of what an answer without memory costs, as each gate is added, in historical order (float32)",
        grid(task=["adding"], cell=GATES_IN_ORDER, T=[30]) + grid(task=["echo"], cell=GATES_IN_ORDER, T=[20]),
        {"H": 16, "N": 32, "steps": 600, "learning_rate": 1e-2, "max_norm": 1.0},
    ),
    "long_memory": Experiment(
        long_memory.measure,
        "steps until the loss is below 6 % of that of an answer without memory; fresh sequences at each step (float32)",
        [
            {"task": task, "T": T, "steps": steps, "network": network}
            for task, T, steps in (
                ("adding", 50, 3000), ("adding", 100, 3000), ("adding", 200, 2000), ("copy", 20, 1500),
                ("temporal order", 50, 3000),
            )
            for network in ("tanh", "orthogonal", "IRNN", "LSTM 0", "LSTM 1", "LSTM 3", "GRU")
        ],
        {"H": 64, "N": 32, "learning_rate": 3e-3, "max_norm": 1.0},
    ),
    "ablations": Experiment(
        variants_compared.measure_text,
        "nats per character on data/tales.txt, with one thing taken from the LSTM, or changed in it (float32)",
        grid(cell=["vanilla", "NIG", "NFG", "NOG", "NIAF", "NOAF", "NP", "CIFG", "FGR"]),
        {"H": 48, "T": 32, "N": 16, "steps": 400, "learning_rate": 5e-3, "max_norm": 1.0},
        reads=("tales.txt",),
    ),
    "mutants": Experiment(
        variants_compared.measure_text,
        "nats per character on data/tales.txt: three cells found by search beside GRU and LSTM (float32)",
        grid(cell=["NP", "GRU", "MUT1", "MUT2", "MUT3"]),
        {"H": 48, "T": 32, "N": 16, "steps": 400, "learning_rate": 5e-3, "max_norm": 1.0},
        reads=("tales.txt",),
    ),
    "random_cells": Experiment(
        random_cells.measure,
        "nats per character on data/tales.txt: 30 cells drawn from a grammar; candidate 0 is the GRU (float32)",
        grid(candidate=range(31)),
        {"H": 32, "T": 16, "N": 16, "steps": 300, "learning_rate": 1e-2, "max_norm": 1.0},
        reads=("tales.txt",),
    ),
    "time_constants": Experiment(
        time_constants.measure,
        "how long the units of a GRU keep their state, -1 / ln(mean z) in characters, before and after training",
        grid(steps=[0, 600]),
        {"H": 48, "T": 32, "N": 16, "learning_rate": 5e-3, "max_norm": 1.0},
        reads=("tales.txt",),
    ),
    "race": Experiment(
        race.measure,
        "held-out loss of RNN, LSTM and GRU with as many parameters, after as many steps or as many seconds (float32)",
        grid(task=["adding", "sunspots", "text"], budget=["steps", "seconds"], cell=["rnn", "lstm", "gru"]),
        {
            "parameters": {"adding": 5000, "sunspots": 5000, "text": 20_000},
            "steps": 1500, "seconds": 4.0, "N": 16, "max_norm": 1.0,
        },
        reads=("sunspots.csv", "tales.txt"),
        costs=("seconds_spent", "bytes"),
    ),
    "captioners": Experiment(
        captioning.measure,
        "grades of captioners after as many steps, on fresh scenes and on combinations never trained on (float32)",
        grid(
            kind=["h_0", "once", "every", "late", "early", "mean", "blind"], encoder=["trained"], penalty=[0.0],
        )
        + [{"kind": "late", "encoder": "random", "penalty": 0.0}]
        + grid(kind=["late", "early"], encoder=["trained"], penalty=[0.1]),
        CAPTIONERS | {"steps": 1600},
        seeds=3,
    ),
    "captioners_class": Experiment(
        captioning.measure,
        "the same of the captioner of the class scale, at most five minutes of one core (float32)",
        grid(kind=["late"]),
        CAPTIONERS | {"steps": 9000, "encoder": "trained", "penalty": 0.0},
        seeds=3,
    ),
    "by_heart": Experiment(
        captioning.measure_by_heart,
        "loss after 100 iterations on the same 50 captions, in nats summed over a caption (float32)",
        grid(kind=["h_0", "once", "every"], cell=["rnn", "lstm"]),
        {"N": 50, "iterations": 100, "H": 128, "learning_rate": 5e-3},
    ),
}  # fmt: skip
