"""What is remembered of an exercise: each of our own functions is called once for a case, and nothing can damage it."""

from collections import Counter

import numpy as np
import pytest

from unrolled.exercises import EXERCISES
from unrolled.exercises.answers import EXERCISES_REMEMBERED, Memory, remember
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.guard import allow


@pytest.fixture(autouse=True)
def forgetful():
    """Each test begins without a memory, and leaves none."""
    remember.cache_clear()
    yield
    remember.cache_clear()


@pytest.fixture
def calls():
    return Counter()


@pytest.fixture
def scale(calls):
    """An exercise, y = 2 x, that counts the calls of its own functions."""

    def count(name, function):
        def counted(x):
            calls[name] += 1
            return function(x)

        return counted

    wrong = {"x is tripled": count("tripled", lambda x: 3 * x), "x is halved": count("halved", lambda x: x / 2)}
    case = lambda rng, N: {"x": rng.standard_normal(N)}
    return Exercise("scale", "y = 2 x.", count("right", lambda x: 2 * x), case, ("y",), ("", "", ""), wrong)


def test_a_wrong_answer_of_the_bank_is_called_once_for_a_case(scale, calls):
    assert diagnose(scale, lambda x: 3 * x).reason == "x is tripled"
    cases = len(list(scale.cases()))
    first = dict(calls)
    assert first["tripled"] == cases
    assert first["right"] <= cases + 1
    assert diagnose(scale, lambda x: x / 2).reason == "x is halved"
    assert calls["tripled"] == cases
    assert calls["halved"] == cases
    assert calls["right"] == first["right"] + 1, "the reference is asked once more, at the case that fails"


def test_nothing_is_remembered_of_what_a_reader_brings(scale, calls):
    x = np.array([1.0, 2.0])
    for times in (1, 2):
        assert diagnose(scale, lambda x: 3 * x, {"x": x}).reason == "x is tripled"
        assert calls["tripled"] == times
    assert x.flags.writeable
    assert remember.cache_info().currsize == 0


def test_no_answer_damages_what_is_remembered(scale):
    kept = []

    def damages(x):
        x *= 0
        kept.append(x)
        return x

    assert diagnose(scale, damages).wrong
    for x in kept:
        x += 7
    assert diagnose(scale, lambda x: 2 * x).sentence is None
    assert diagnose(scale, lambda x: 3 * x).reason == "x is tripled"
    memory = Memory(scale)
    answer = memory.recall(scale.reference, 0, allow())
    for array in (memory.cases[0][1]["x"], answer.results[0]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize("name", [name for name, exercise in EXERCISES.items() if exercise.results])
def test_all_that_is_remembered_is_read_only(name):
    memory = Memory(EXERCISES[name])
    for n, (_, arguments) in enumerate(memory.cases):
        results = memory.recall(EXERCISES[name].reference, n, allow()).results
        nested = [value for value in arguments.values() if isinstance(value, dict)]
        arrays = [*results, *arguments.values(), *(a for inner in nested for a in inner.values())]
        assert not any(a.flags.writeable for a in arrays if isinstance(a, np.ndarray))


def test_a_function_that_was_overwritten_does_not_stay_in_memory(monkeypatch):
    softmax = EXERCISES["softmax"]

    def overwrites(logits, tau):
        monkeypatch.setattr(np, "exp", np.exp2)
        return np.exp(logits)

    assert diagnose(softmax, overwrites).wrong
    monkeypatch.undo()
    diagnose(softmax, softmax.reference)  # may say that the reference gives other numbers now
    assert diagnose(softmax, softmax.reference).sentence is None
    monkeypatch.setattr(np, "exp", np.exp2)
    assert (
        "gives other numbers now than before: np.exp was overwritten" in diagnose(softmax, softmax.reference).sentence
    )
    monkeypatch.undo()
    assert diagnose(softmax, softmax.wrong["these are log p, not p"]).reason == "these are log p, not p"


def test_the_memory_is_bounded():
    for exercise in [e for e in EXERCISES.values() if e.results][: EXERCISES_REMEMBERED + 2]:
        diagnose(exercise, exercise.reference)
    assert remember.cache_info().currsize == EXERCISES_REMEMBERED
