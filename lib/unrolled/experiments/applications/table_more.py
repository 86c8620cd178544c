"""The experiments behind the cards of lesson 13 on music, handwriting, video and glimpses."""

from unrolled.experiments.applications import glimpses, handwriting, music, video
from unrolled.experiments.experiment import Experiment, grid

LOOK = {"H": 48, "A": 16, "T": 6, "N": 32, "steps": 1200, "max_norm": 1.0}
EXPERIMENTS = {
    "card_blues": Experiment(
        music.measure_blues,
        "share of bars that begin with the chord of the form, in four choruses played on from one beat, of a network "
        "that heard two, and of tables of the last k chords (float32)",
        [{"writer": "network", "k": 0}] + grid(writer=["table"], k=[4, 8, 16, 23, 24]),
        {
            "pieces": 50, "choruses": 4, "heard": 2, "H": 48, "N": 16, "steps": 600, "learning_rate": 1e-2,
            "max_norm": 1.0,
        },
    ),
    "card_metre": Experiment(
        music.measure_metre,
        "share of right metres of rhythms at any tempo: read in order, as a bag of onsets, and fitted by the rules "
        "(float32)",
        grid(network=list(music.METRE_NETWORKS), learning_rate=[5e-3, 1e-2, 2e-2]),
        {"H": 32, "N": 32, "T": 24, "steps": 1600, "max_norm": 1.0, "test_size": 1000},
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
