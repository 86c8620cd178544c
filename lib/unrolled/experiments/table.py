"""All experiments, with their settings and sizes: the one place where these stand."""

from unrolled.experiments import (
    attention_windows,
    by_heart,
    captioning,
    char_models,
    clipping,
    echo,
    forget_bias,
    gradient_flow,
    long_memory,
    picture_questions,
    race,
    random_cells,
    reservoir,
    sunspots,
    table_directions,
    table_translation,
    table_variants,
    temporal_order,
    time_constants,
    truncation,
    variants_compared,
    ways_in,
    word_models,
)
from unrolled.experiments.applications import table as applications
from unrolled.experiments.experiment import Experiment, grid

CAPTIONERS = {"cell": "lstm", "N": 64, "test_size": 1000}
GATES_IN_ORDER = ["carousel", "+ input gate", "+ output gate", "+ forget gate", "forget and input", "forget alone"]
ADDING_CELLS = [1, 7, 28]  # three of the eight drawn cells whose law is h + z n: one of each function
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
        "cosine between a gradient cut after k steps, in chunks or in a sliding window, and the full one",
        grid(
            kind=["chunks", "sliding"], targets=["echo", "random"], W_hh=["glorot", 0.9, 1.1, 1.5],
            k=[1, 2, 5, 10, 20, 25, 50, 100],
        ),
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
        "nats per character of the tales: validation by steps, test where validation is best, "
        "the best n-gram's of both",
        grid(cell=["rnn"], learning_rate=[1e-3, 2e-3, 5e-3])
        + grid(cell=["lstm"], learning_rate=[2e-3, 5e-3, 1e-2])
        + grid(cell=["gru"], learning_rate=[1e-3, 2e-3, 5e-3]),
        {"parameters": 150_000, "D": 32, "T": 50, "N": 16, "dropout": 0.3, "max_norm": 1.0},
        reads=("tales.txt",),
        seeds=3,
        costs=("seconds_to_pass",),
    ),
    "word_models": Experiment(
        word_models.measure,
        "nats per word of the tales: a GRU's by steps, and on test, beside tables of counts (float32)",
        grid(learning_rate=[1e-3, 2e-3, 5e-3, 1e-2]),
        {"D": 32, "H": 64, "T": 40, "N": 16, "dropout": 0.3, "max_norm": 1.0},
        reads=("tales.txt",),
        seeds=3,
    ),
    "forget_bias": Experiment(
        forget_bias.measure,
        "what is left of dL/dc_T at c_1, and the norms of dc_T/dc_0 and of its direct path, over sqrt(H), in an "
        "untrained LSTM; f is its mean forget gate",
        grid(forget=[0, 1, 2, 3, 5], gain=[0.0, 1.0, 3.0]),
        {"T": 100, "H": 64, "N": 4},
    ),
    "gates_in_order": Experiment(
        variants_compared.measure_gates,
        "loss as a share of what an answer without memory costs, as each gate is added, in historical order, "
        "and with the forget gate alone or beside the input gate (float32)",
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
            for network in long_memory.NETWORKS
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
    "ablations_slower": Experiment(
        variants_compared.measure_text,
        "the same at a lower learning rate: is it the rate that lets a cell without output activation run away?",
        grid(cell=["vanilla", "NFG", "NOAF"]),
        {"H": 48, "T": 32, "N": 16, "steps": 400, "learning_rate": 2e-3, "max_norm": 1.0},
        reads=("tales.txt",),
        seeds=3,
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
    "adding_cells": Experiment(
        random_cells.measure_read,
        "nats per character of three drawn cells whose law is h + z n, and their largest state, by what is read of the "
        "state: itself, its tanh, or an output gate times one of them (float32)",
        grid(candidate=ADDING_CELLS, read=list(random_cells.READS)),
        {"H": 32, "T": 16, "N": 16, "steps": 300, "learning_rate": 1e-2, "max_norm": 1.0},
        reads=("tales.txt",),
    ),
    "forgetting_cells": Experiment(
        random_cells.measure_forgetting,
        "the same three cells with the law z h + (1 - z) n in place of h + z n; the state itself is read (float32)",
        grid(candidate=ADDING_CELLS),
        {"H": 32, "T": 16, "N": 16, "steps": 300, "learning_rate": 1e-2, "max_norm": 1.0},
        reads=("tales.txt",),
    ),
    "race": Experiment(
        race.measure,
        "loss of RNN, LSTM and GRU of as many parameters, within 2 %, after as many steps, by learning rate; the step "
        "that is kept is the best on the validation part (float32)",
        grid(task=["adding", "text"], cell=["rnn", "lstm", "gru"], learning_rate=[3e-3, 1e-2, 3e-2]),
        {
            "parameters": {"adding": 4500, "text": 18_000},
            "steps": 2000, "check_every": 100, "N": 16, "max_norm": 1.0,
        },
        reads=("tales.txt",),
        costs=("seconds", "bytes"),
    ),
    "race_sunspots": Experiment(
        race.measure_sunspots,
        "the same of sunspots one year ahead, the mean over four stretches of 44 years; errors on the test part are "
        "shares of what `as this year` has there (float32)",
        grid(cell=["rnn", "lstm", "gru"], learning_rate=[3e-3, 1e-2, 3e-2]),
        {"parameters": 4650, "steps": 400, "check_every": 20, "N": 16, "max_norm": 1.0},
        reads=("sunspots.csv",),
        costs=("seconds", "bytes"),
    ),
    "sunspots": Experiment(
        sunspots.measure,
        "errors of sunspot forecasts one year ahead, over the 44 years to `end` (test) and the 44 before (validation)",
        grid(end=[1875, 1919, 1963, 2007], H=[4, 16, 32], gain=[0.5, 0.9]),
        {"orders": 30, "season": 11, "steps": 300, "learning_rate": 1e-2},
        reads=("sunspots.csv",),
    ),
    "captioners": Experiment(
        captioning.measure,
        "grades of captioners after as many steps, on fresh scenes and on combinations never trained on (float32)",
        grid(
            kind=["h_0", "once", "every", "late", "early", "mean", "blind"], encoder=["trained"], penalty=[0.0],
        )
        + grid(kind=["late"], encoder=["random"], penalty=[0.0])
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
    "attention_windows": Experiment(
        attention_windows.measure,
        "grades where an annotation sees 12, 18 or 22 pixels; the words that stay where a look is shuffled (float32)",
        grid(kind=["late"], window=[12, 18, 22], filters=[32])
        + grid(kind=["late"], window=[12], filters=[128])
        + grid(kind=["early"], window=[12], filters=[32]),
        {"N": 64, "test_size": 1000, "steps": 1600},
        seeds=3,
    ),
    "picture_questions": Experiment(
        picture_questions.measure,
        "shares of right answers to questions about a picture, by the score that weighs its places (float32)",
        grid(steps=[1000], score=list(picture_questions.SCORES))
        + grid(steps=[3000], score=["dot", "unscaled", "mlp"]),
        {"N": 64, "learning_rate": 5e-3, "test_size": 1000},
        reads=("captioners.npz",),
        seeds=3,
    ),
    "by_heart": Experiment(
        by_heart.measure,
        "steps until a captioner says the same 50 captions word by word, sound or broken; loss in nats summed over a "
        "caption (float32)",
        grid(kind=["h_0", "once", "every"], cell=["rnn", "lstm"], broken=by_heart.BREAKS[:1])
        + grid(kind=["h_0"], cell=["rnn", "lstm"], broken=by_heart.BREAKS[1:]),
        {"N": 50, "H": 128, "learning_rate": 5e-3, "check_every": 10, "most": 400},
    ),
    "ways_in": Experiment(
        ways_in.measure,
        "three ways to give a picture of a few like shapes, and none, until the share of exact validation captions has "
        "stood still for a fifth of the run (float32)",
        grid(kind=["h_0", "once", "every", "blind"]),
        {"N": 32, "most": 20_000, "test_size": 1000},
        seeds=3,
    ),
}  # fmt: skip
EXPERIMENTS |= table_directions.EXPERIMENTS | table_translation.EXPERIMENTS | table_variants.EXPERIMENTS
EXPERIMENTS |= applications.EXPERIMENTS
