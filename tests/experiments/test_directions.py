"""Reading forwards, backwards and both ways, at a tiny size: who hears of what, and what can be learnt of it."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.data import pronunciation as korean
from unrolled.data import spacing as spaces
from unrolled.data.spacing import Part, Spacing
from unrolled.experiments import delay, directions, leak, pronunciation, spacing

every_direction = pytest.mark.parametrize("direction", directions.DIRECTIONS)


def rng(seed=1):
    return np.random.default_rng(seed)


@every_direction
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_an_answer_hears_of_its_side_alone(cell, direction):
    params, xs = directions.init(rng(), cell, direction, 3, 4, 900), rng(2).standard_normal((7, 2, 3), np.float32)
    changed = xs.copy()
    changed[3] += 1
    before, after = (directions.answers(params, x, cell, direction) for x in (xs, changed))
    assert before.shape == (7, 2, 4)
    heard = np.any(before != after, axis=(1, 2)).tolist()
    assert (
        heard
        == {"forward": [False] * 3 + [True] * 4, "backward": [True] * 4 + [False] * 3, "both": [True] * 7}[direction]
    )


@every_direction
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_parameters_are_as_many_as_allowed(cell, direction):
    params = directions.init(rng(), cell, direction, 10, 5, 3000)
    H = directions.width(cell, direction, 10, 5, 3000)
    count = sum(array.size for _, array in leaves(params))
    assert count == directions.size(cell, direction, 10, H, 5) <= 3000 < directions.size(cell, direction, 10, H + 1, 5)


def test_a_direction_that_is_none_is_named():
    with pytest.raises(ValueError, match="direction must be one of forward, backward, both, got 'sideways'"):
        directions.init(rng(), "gru", "sideways", 3, 4, 900)


WORDS = {"cell": "rnn", "E": 8, "parameters": 3000, "T": 6, "N": 32, "max_norm": 1.0}


def test_letters_of_three_kinds_have_rows_of_their_own():
    params = pronunciation.init(rng(), "both", cell="rnn", E=8, parameters=3000)
    assert params["letters"].shape == (19 + 21 + 28, 8)
    words = korean.draw(rng(), 4, 6)
    before = pronunciation.logits(params, words.written, cell="rnn", direction="both")
    assert [answer.shape for answer in before] == [(6, 4, 19), (6, 4, 8)]
    for kind, start in enumerate((0, 19, 40)):
        other = params | {"letters": params["letters"].copy()}
        other["letters"][start + words.written[kind, 2, 1]] += 1
        after = pronunciation.logits(other, words.written, cell="rnn", direction="both")
        assert np.any(before[0][2, 1] != after[0][2, 1])


def test_grades_by_hand(monkeypatch):
    words = korean.draw(rng(), 2, 3)
    onset, coda = (np.eye(n)[heard] for n, heard in zip((19, 8), words.heard))
    coda[1, 0] = np.eye(8)[(words.heard[1, 1, 0] + 1) % 8]
    monkeypatch.setattr(pronunciation, "logits", lambda params, written: (onset, coda))
    assert pronunciation.grades({}, words) == {"onset": 1, "coda": pytest.approx(5 / 6), "word": 0.5}


def test_a_word_is_said_as_the_network_answers(monkeypatch):
    def law(params, written):
        onsets, _, codas = written
        following = np.concatenate([onsets[1:], np.full((1, 1), korean.END)])
        sounds, onset = korean.LAW[:, codas, following]
        return np.eye(19)[np.concatenate([onsets[:1], onset[:-1]])], np.eye(8)[sounds]

    monkeypatch.setattr(pronunciation, "logits", law)
    assert [pronunciation.say({}, word) for word in ("국물", "독립", "신라", "꽃")] == ["궁물", "동닙", "실라", "꼳"]


@pytest.mark.slow
def test_one_direction_stops_at_its_ceiling_and_both_pass_it():
    found = {
        direction: pronunciation.measure(rng(), direction, learning_rate=1e-2, steps=250, test_size=1000, **WORDS)
        for direction in directions.DIRECTIONS
    }
    forward, backward, both = found.values()
    assert forward["coda"] < forward["coda_ceiling"] + 0.01 < both["coda"]
    assert backward["onset"] < backward["onset_ceiling"] + 0.01 < both["onset"]
    assert min(forward["onset"], backward["coda"]) > 0.93
    assert both["word"] > max(forward["word_ceiling"], backward["word_ceiling"])
    assert both["word_ceiling"] == 1
    assert both["validation_word"] == pytest.approx(both["word"], abs=0.1)


def marked(length):
    """A text of five symbols in which a space comes before each 4: to be known by the next symbol alone."""
    tokens = rng(3).integers(5, size=length)
    return Part(tokens, np.append((tokens[1:] == 4).astype(int), 0))


SPACES = {
    "cell": "gru",
    "E": 6,
    "parameters": 600,
    "T": 12,
    "N": 16,
    "steps": 80,
    "max_norm": 1.0,
    "learning_rate": 2e-2,
}


@pytest.mark.slow
def test_a_space_that_hangs_on_the_next_symbol_needs_the_backward_reading(monkeypatch):
    text = Spacing([*"abcde"], marked(600), marked(200), marked(200))
    monkeypatch.setattr(spacing, "parts", lambda: text)
    found = {
        direction: spacing.measure(rng(), direction, check_every=40, **SPACES) for direction in directions.DIRECTIONS
    }
    assert found["forward"]["test"] < 0.4
    assert min(found["backward"]["test"], found["both"]["test"]) > 0.95
    assert found["both"]["table_pair"] == 1 > found["both"]["table_symbol"]
    assert {each["step"] for each in found.values()} <= {40, 80}


def test_the_best_checked_step_is_kept(monkeypatch):
    scores = iter([0.3, 0.5, 0.4])
    seen = []

    def score(params, part, **how):
        seen.append(params["readout"]["b"].copy())
        return next(scores, 0.9)

    monkeypatch.setattr(spacing, "score", score)
    found = spacing.measure(rng(), "forward", check_every=25, **SPACES)
    assert (found["step"], found["validation"], found["test"]) == (50, 0.5, 0.9)
    assert np.array_equal(seen[-1], seen[1])


def test_a_network_that_always_says_the_same_has_the_score_of_that_answer():
    """A space behind each symbol of the Korean tales, or behind none."""
    text = spacing.parts()
    params = {"symbols": np.ones((len(text.symbols), 6), np.float32)} | directions.init(rng(), "gru", "both", 6, 2, 600)
    for always in (0, 1):
        params["readout"] = {"W": 0 * params["readout"]["W"], "b": np.eye(2, dtype=np.float32)[always]}
        said = np.full(len(text.test.spaces), always)
        score = spacing.score(params, text.test, cell="gru", direction="both")
        assert score == spaces.f1(said, text.test.spaces)
        assert (score > 0.3) == always


LEAK = {"cell": "gru", "E": 8, "parameters": 3000, "T": 16, "N": 16, "steps": 150, "learning_rate": 1e-2}


@pytest.mark.slow
def test_who_reads_the_next_character_says_it_but_for_the_last(monkeypatch):
    """Random symbols: no model can say the next one, unless it has read it."""
    tokens = rng(4).integers(6, size=4000)
    monkeypatch.setattr(leak, "parts", lambda: (6, tokens[:3000], tokens[3000:3500], tokens[3500:]))
    forward, both = (leak.measure(rng(), direction, max_norm=1.0, **LEAK) for direction in ("forward", "both"))
    assert forward["nats"] > np.log(6) - 0.02
    assert both["inside"] < 0.1
    assert both["last"] > np.log(6) - 0.1
    assert both["nats"] == pytest.approx((15 * both["inside"] + both["last"]) / 16, rel=1e-5)


ECHO = {"cell": "rnn", "parameters": 400, "k": 2, "T": 12, "N": 16, "steps": 250, "learning_rate": 1e-2}


def late(direction, steps):
    return delay.measure(rng(), direction, steps, max_norm=1.0, test_size=400, **ECHO)


@pytest.mark.slow
def test_one_direction_knows_one_of_two_bits_and_a_delay_gives_it_the_other():
    forward, backward, both, late_enough = late("forward", 0), late("backward", 0), late("both", 0), late("forward", 2)
    assert forward["past_right"] > 0.99 > 0.55 > forward["future_right"]
    assert backward["future_right"] > 0.99 > 0.55 > backward["past_right"]
    assert min(both["both_right"], late_enough["both_right"]) > 0.99
    assert late("forward", 1)["both_right"] < 0.55


def test_an_answer_is_read_as_many_steps_later_as_it_is_late():
    params = directions.init(rng(), "rnn", "forward", 1, 4, 400)
    xs = rng(2).integers(2, size=(16, 3, 1)).astype(np.float32)
    whole = directions.answers(params, xs, "rnn", "forward")
    for steps in (0, 1, 2):
        found = delay.logits(params, xs, cell="rnn", direction="forward", k=2, delay=steps)
        assert np.array_equal(found, whole[2 + steps : 14 + steps])
    with pytest.raises(ValueError, match="delay must be at most k = 2: nothing is read after that, got 3"):
        delay.logits(params, xs, cell="rnn", direction="forward", k=2, delay=3)
