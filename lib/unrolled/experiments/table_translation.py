"""The experiments on translation: a part of the table of all."""

from unrolled.experiments import alignment, beam, chatbot, lengths, times
from unrolled.experiments.experiment import Experiment, grid

SIZES = {"E": 20, "M": 24, "N": 32, "max_norm": 1.0}

EXPERIMENTS = {
    "lengths": Experiment(
        lengths.measure,
        "share of numbers translated right to the word, English to Korean, by their digits, without attention, with "
        "the source reversed, and with three kinds of attention, at equal weights (float32)",
        grid(
            model=["plain", "reversed", "luong", "fed", "bahdanau"], learning_rate=[1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2]
        ),
        SIZES | {"parameters": 30_000, "both": False, "steps": 800, "test_size": 100},
        seeds=3,
        costs=("seconds",),
    ),
    "reversal": Experiment(
        lengths.measure,
        "share of numbers translated right to the word, by their digits, without attention, from the first word and "
        "from the last, at the learning rate that is best for both in the table lengths (float32)",
        grid(model=["plain", "reversed"]),
        SIZES | {"parameters": 30_000, "both": False, "steps": 800, "learning_rate": 1.2e-2, "test_size": 100},
        seeds=11,
        costs=("seconds",),
    ),
    "bottleneck": Experiment(
        lengths.measure,
        "share of numbers translated right to the word, by their digits, without attention: more parameters, and more "
        "steps (float32)",
        [
            *grid(parameters=[30_000], steps=[800, 3200, 8000]),
            *grid(parameters=[12_000], steps=[800, 8000]),
            *grid(parameters=[110_000], steps=[800]),
        ],
        SIZES | {"model": "plain", "both": False, "learning_rate": 3e-3, "test_size": 100},
        seeds=3,
        costs=("seconds",),
    ),
    "alignment": Experiment(
        alignment.measure,
        "share of digits whose highest weight lies on the word that says them, or later, or earlier, by the encoder's "
        "directions; of numbers translated right (float32)",
        grid(kind=["luong", "bahdanau"], encoder=["one direction", "both directions"]),
        SIZES | {"parameters": 30_000, "digits": 9, "steps": 800, "learning_rate": 6e-3, "test_size": 200},
        seeds=6,
    ),
    "times": Experiment(
        times.measure,
        "share of times translated right, and in which the highest weight lies on the word that says the hour, or the "
        "minute, also of phrases with to and with past (float32)",
        grid(kind=["plain", "luong", "bahdanau"]),
        SIZES | {"parameters": 40_000, "both": True, "steps": 700, "learning_rate": 6e-3},
        seeds=8,
    ),
    "beam": Experiment(
        beam.measure,
        "numbers of 1 to 9 digits translated right by beams of 1, 2, 4, 12, 18 and 60, errors of the search and of the "
        "model, better sentences that were missed, and the empty translation (float32)",
        grid(kind=["plain", "luong"], steps=[200, 800], normalisation=[0.0, 1.0]),
        SIZES | {"parameters": 30_000, "both": False, "learning_rate": 6e-3, "test_size": 12},
        seeds=3,
    ),
    "chatbot": Experiment(
        chatbot.measure,
        "200 questions about the harbour town learnt by heart: answers that are right, also to paraphrases, and whole "
        "sentences said to questions that no fact answers; beside a table of counts (float32)",
        grid(kind=["plain", "luong"], learning_rate=[3e-3, 6e-3, 1.2e-2]),
        SIZES | {"parameters": 30_000, "steps": 600},
    ),
}
