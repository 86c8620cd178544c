"""The experiments behind the cards of lesson 13: a part of the table of all."""

from unrolled.experiments.applications import (
    glimpses,
    handwriting,
    music,
    nearest_points,
    prices,
    sentiment,
    speech,
    splice,
    video,
    weather,
    word_window,
)
from unrolled.experiments.experiment import Experiment, grid

SPOKEN = {
    "one digit": ("in order", "shuffled", "mean frame", "means of 4 parts"),
    "two digits": ("in order", "shuffled", "means of 4 parts", "means of 8 parts"),
    "after the wake word": ("in order", "shuffled", "means of 4 parts", "means of 8 parts", speech.CUT),
    "no pauses": ("in order", "means of 8 parts", speech.SLID),
}
LOOK = {"H": 48, "A": 16, "T": 6, "N": 32, "steps": 1200, "max_norm": 1.0}
EXPERIMENTS = {
    "card_sentiment": Experiment(
        sentiment.measure,
        "share of right answers about opinions with not, but and although, and about generated spam, by bags and "
        "networks of as many weights behind their word vectors (float32)",
        grid(task=list(sentiment.TASKS), network=sentiment.NETWORKS, steps=[600], learning_rate=[3e-3, 1e-2])
        + grid(task=["opinions"], network=sentiment.BAGS, steps=[600], learning_rate=[3e-3, 1e-2])
        + grid(task=["opinions"], network=sentiment.LONGER, steps=[3000], learning_rate=[3e-3, 1e-2]),
        {"E": 16, "parameters": 2000, "N": 32, "check_every": 50, "test_size": 1000},
        seeds=3,
    ),
    "card_sentiment_window": Experiment(
        word_window.measure,
        "share of right answers about the same opinions by a hidden layer on a window of so many words that is slid "
        "along, its scores pooled over all places, at as many weights behind the word vectors (float32)",
        grid(words=[4, 10], steps=[600, 3000], learning_rate=[3e-3, 1e-2]),
        {"E": 16, "parameters": 2000, "N": 32, "check_every": 50, "test_size": 1000},
        seeds=3,
    ),
    "card_speech": Experiment(
        speech.measure,
        "share of right answers about spoken digits by voices never heard, of a GRU on frames in order and shuffled, "
        "and of a hidden layer on means of parts, or on a window slid along, at equal weights (float32)",
        [
            {"task": task, "reader": reader, "steps": 600, "learning_rate": rate}
            for task, readers in SPOKEN.items()
            for reader in readers
            for rate in (5e-3, 1e-2)
        ]
        + [
            {"task": task, "reader": reader, "steps": 3000, "learning_rate": rate}
            for task, reader in (
                ("after the wake word", "means of 8 parts"),
                ("no pauses", "means of 8 parts"),
                ("no pauses", "in order"),
                ("no pauses", speech.SLID),
            )
            for rate in (5e-3, 1e-2)
        ],
        {"parameters": 8000, "N": 32, "noise": 0.2, "check_every": 50, "test_size": 600},
        reads=("speech.npz",),
        seeds=3,
    ),
    "card_splice": Experiment(
        splice.measure,
        "share of splice junctions that are told apart, by where a GRU's readings end, at equal weights, and by counts "
        "(float32)",
        grid(reading=splice.READINGS, steps=[400], learning_rate=[1e-2, 2e-2, 3e-2])
        + grid(reading=splice.READINGS, steps=[1600], learning_rate=[5e-3, 1e-2]),
        {"parameters": 4400, "N": 32, "reach": 8, "check_every": 50},
        reads=("splice.npz",),
        seeds=3,
    ),
    "card_prices": Experiment(
        prices.measure,
        "forecasts of tomorrow's price by a GRU from levels or returns, on the last fifth; ratio: its error over that "
        "of today's price (float32)",
        grid(name=[*prices.SERIES, "Google"], target=["level", "return"], learning_rate=[3e-3, 1e-2]),
        {"days": 2500, "T": 20, "H": 16, "N": 32, "steps": 400, "check_every": 20},
    ),
    "card_weather": Experiment(
        weather.measure,
        "errors in °C of forecasts of Seattle's highest temperature, one and five days ahead, each of four years in "
        "turn the one to test on (float32)",
        grid(year=list(weather.ENDS), ahead=[1, 5], target=["level", "anomaly"], learning_rate=[3e-3]),
        {"T": 14, "H": 24, "N": 32, "steps": 400, "check_every": 20},
        reads=("seattle.csv",),
        seeds=3,
    ),
    "card_blues": Experiment(
        music.measure_blues,
        "share of bars that begin with the chord of the form, in four choruses played on from one beat, of a network "
        "that heard two, and of tables of the last k chords (float32)",
        grid(writer=["network"], k=[0], steps=[600, 1500], learning_rate=[5e-3, 1e-2])
        + grid(writer=["table"], k=[4, 8, 16, 23, 24], steps=[0], learning_rate=[0]),
        {"pieces": 50, "choruses": 4, "heard": 2, "H": 48, "N": 16, "max_norm": 1.0},
        seeds=6,
    ),
    "card_metre": Experiment(
        music.measure_metre,
        "share of right metres of rhythms at any tempo: read in order, as a bag of onsets, by the loudness some pulses "
        "apart, and fitted by the rules (float32)",
        grid(network=["in order"], learning_rate=[5e-3, 1e-2, 2e-2], steps=[1600])
        + grid(network=["bag of onsets"], learning_rate=[2e-2, 5e-2, 1e-1], steps=[1600, 6000])
        + grid(network=["pulses"], learning_rate=[0], steps=[0]),
        {"H": 32, "N": 32, "T": 24, "max_norm": 1.0, "test_size": 1000, "known": 6000},
        seeds=3,
    ),
    "card_handwriting": Experiment(
        handwriting.measure,
        "nats a point of where the pen goes next, by a mixture of M normal densities, beside least squares and a "
        "table by the number of the point; and how many written letters look like themselves (float32)",
        grid(M=[1, 8], learning_rate=[5e-3, 1e-2]),
        {
            "H": 48, "N": 32, "steps": 1500, "max_norm": 1.0, "known": 4000, "test_size": 500,
        },
        reads=("strokes.npz",),
        seeds=3,
    ),
    "card_handwriting_nearest": Experiment(
        nearest_points.measure,
        "nats a point of where the pen goes next, by a line through the nearest points of the same letter, from so "
        "many known letters, and by the shipped pen on the same test; the same of a hand that was never seen",
        grid(known=[4000, 16000, 48000, 192000]),
        {"test_size": 300},
        reads=("strokes.npz", "pen.npz"),
        seeds=3,
    ),
    "card_video": Experiment(
        video.measure,
        "share of right answers about which way a digit moves, by where it may begin and by what is shown of its "
        "frames (float32)",
        grid(starts=["anywhere", "inside"], network=list(video.NETWORKS), learning_rate=[3e-3, 6e-3]),
        {"T": 8, "H": 48, "N": 32, "steps": 400, "max_norm": 1.0, "test_size": 500},
        reads=("digits.npz",),
        seeds=3,
    ),
    "card_glimpses": Experiment(
        glimpses.measure,
        "share of right digits after 1 to 6 glimpses of 3 by 3 pixels, by the order of the places, beside the nearest "
        "neighbour's by the same pixels (float32)",
        grid(order=["centre first", "row by row", "random"], learning_rate=[3e-3, 6e-3], sharpest=[0])
        + grid(order=["learnt"], learning_rate=[3e-3, 6e-3], sharpest=[4, 10]),
        LOOK,
        reads=("digits.npz",),
        seeds=3,
    ),
}  # fmt: skip
