"""Who wins: for each task of the cards the best network and the best honest baseline, seed by seed, from the tables."""

from typing import NamedTuple

import numpy as np

from unrolled.data import by_seed
from unrolled.experiments.applications.chosen import chosen
from unrolled.experiments.applications.weather import ENDS

MARGIN = 0.01  # of a share, of a nat, of the baseline's error: less in the mean is no lead


class Side(NamedTuple):
    """A name, and the (seeds,) numbers of the test."""

    name: str
    numbers: np.ndarray


class Task(NamedTuple):
    """One row of the table at the end of lesson 13; unit: "share", "nats" or another, in which less is better."""

    card: int
    name: str
    unit: str
    network: Side
    baseline: Side
    decides: str

    @property
    def leads(self):
        """(seeds,): above 0 where the network is ahead; of shares and nats the difference, of errors its share."""
        ours, theirs = self.network.numbers, self.baseline.numbers
        if self.unit == "share":
            return ours - theirs
        return theirs - ours if self.unit == "nats" else 1 - ours / theirs


def verdict(leads, margin=MARGIN):
    """ "recurrent wins" or "the baseline wins" where one is ahead on every seed, and by the margin in the mean."""
    if abs(leads.mean()) < margin or leads.min() <= 0 <= leads.max():
        return "a tie"
    return "recurrent wins" if leads.mean() > 0 else "the baseline wins"


def tasks():
    """[Task], card by card. Of networks the best on validation counts, of baselines the best on the test."""
    return [*_texts(), *_sounds(), *_genes(), *_forecasts(), *_music(), _pen(), _video(), _glimpses()]


def _network(name, by, names, column="test", best=max, **where):
    validation, numbers = (chosen(name, each, by, best=best, show=False, **where) for each in ("validation", column))
    taken = best(names, key=lambda each: validation[each].mean())
    return Side(taken, numbers[taken])


def _best(found, better=max):
    name = better(found, key=lambda each: found[each].mean())
    return Side(name, found[name])


def _texts():
    for task, decides in (("opinions", "ten words hold what decides"), ("spam", "the order says nothing")):
        how = {"name": "card_sentiment", "column": "test", "by": "network", "task": task, "show": False}
        network = _network("card_sentiment", "network", ("rnn", "gru"), task=task, steps=600)
        bags = {name: shares for name, shares in chosen(**how).items() if name not in ("rnn", "gru")}  # any steps
        if task == "opinions":
            slid = chosen("card_sentiment_window", "test", "words", show=False)
            bags |= {f"a window of {words:g} words": shares for words, shares in slid.items()}
        yield Task(1, task, "share", network, _best(bags), decides)


def _sounds():
    for task, decides in (
        ("one digit", "shuffled frames do, too"),
        ("two digits", "eight parts keep the order"),
        ("after the wake word", "silence says where a word begins"),
        ("no pauses", "36 frames hold what decides"),
    ):
        found = chosen("card_speech", "test", "reader", task=task, show=False)  # any steps
        parts = {name: shares for name, shares in found.items() if name not in ("in order", "shuffled")}
        yield Task(2, task, "share", Side("GRU", found["in order"]), _best(parts), decides)


def _genes():
    readings = "left to right", "to both ends", "from the junction", "to the junction"
    network = _network("card_splice", "reading", readings, steps=1600)
    untrained = {"counts": "table", "GT or AG": "two_letters", "always neither": "most_frequent"}
    how = {"by": "reading", "steps": 1600, "learning_rate": 0.01}  # of one seed they are the same in each row
    baselines = {name: by_seed("card_splice", each, **how)[network.name] for name, each in untrained.items()}
    yield Task(3, "splice junctions", "share", network, _best(baselines), "the place is fixed")


def _forecasts():
    how = {"by": "name", "best": min, "target": "return", "show": False}
    ratio, one = (chosen("card_prices", column, **how) for column in ("ratio", "one_number"))
    for name, decides in (
        ("random walk", "there is nothing to know"),
        ("returns that follow", "one number is all that there is"),
        ("Google", "nothing was found that lasts"),
    ):
        baselines = {"as today": np.ones_like(ratio[name]), "one coefficient": one[name]}
        yield Task(4, name, "ratio", Side("GRU on returns", ratio[name]), _best(baselines, min), decides)
    how = {"name": "card_weather", "by": "ahead", "best": min, "show": False}
    for ahead, name, decides in (
        (1, "weather, one day", "the calendar and today say nearly all"),
        (5, "weather, five days", "three years teach a few numbers"),
    ):
        over_years = {  # (seeds,): the mean of the four years
            column.replace("_", " "): np.mean([chosen(column=column, year=year, **how)[ahead] for year in ENDS], axis=0)
            for column in ("network", "today", "calendar", "one_coefficient", "linear")
        }
        network = Side("GRU", over_years.pop("network"))
        yield Task(4, name, "°C", network, _best(over_years, min), decides)


def _music():
    networks = chosen("card_blues", "chorus_4", "writer", writer="network", show=False)["network"]
    counted = by_seed("card_blues", "chorus_4", "k", writer="table")
    counted = {f"last {k:g} chords": shares for k, shares in counted.items()}
    yield Task(5, "blues, fourth chorus", "share", Side("GRU", networks), _best(counted), "24 beats hold the answer")
    found = chosen("card_metre", "test", "network", show=False)
    baselines = {name: found[name] for name in ("bag of onsets", "pulses")}
    yield Task(
        5, "metre", "share", Side("GRU", found["in order"]), _best(baselines), "a bar comes back after some pulses"
    )


def _pen():
    how = {"best": min, "show": False}
    columns = {"table by letter": "by_number", "least squares": "least_squares"}
    network = _network("card_handwriting", "M", (1.0, 8.0), best=min)
    found = {name: chosen("card_handwriting", each, "M", **how)[network.name] for name, each in columns.items()}
    found["nearest points"] = by_seed("card_handwriting_nearest", "test", "known")[48000]
    network = network._replace(name=f"GRU, M = {network.name:g}")
    return Task(6, "the next point", "nats", network, _best(found, min), "place and speed are sums of the moves")


def _video():
    found = chosen("card_video", "test", "network", starts="anywhere", show=False)
    matched = chosen("card_video", "matched", "network", starts="anywhere", show=False)["in order"]
    baselines = {name: found[name] for name in ("side by side", "averaged")} | {"best shift": matched}
    decides = "all frames are there at once"
    return Task(7, "a moving digit", "share", Side("GRU", found["in order"]), _best(baselines), decides)


def _glimpses():
    network = _network("card_glimpses", "order", ("centre first", "row by row", "random", "learnt"), "right_6")
    same, every = (chosen("card_glimpses", column, "order", show=False) for column in ("neighbour_6", "nearest"))
    baselines = {"nearest, same pixels": same[network.name], "nearest, all pixels": every[network.name]}
    return Task(8, "six glimpses", "share", network, _best(baselines), "a picture is no sequence")
