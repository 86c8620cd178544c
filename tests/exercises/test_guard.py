"""Whatever an answer does, a check answers with a sentence, in time, and the process lives as it did."""

import itertools
import resource
import signal
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.exercises import EXERCISES, guard
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.guard import TooLong, allow, call_safely


def forever():
    while True:
        pass


def catches():
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def catches_all():
    while True:
        try:
            forever()
        except:  # noqa: E722
            pass


def catches_and_goes_on():
    while True:
        try:
            forever()
        finally:
            continue  # noqa: B012


def prints():
    while True:
        print("x" * 1000)


def sleeps():
    time.sleep(60)


ENDLESS = pytest.mark.parametrize(
    "endless", [forever, catches, catches_all, catches_and_goes_on, prints, sleeps], ids=lambda f: f.__name__
)


@pytest.fixture(autouse=True)
def unharmed():
    """Nothing that the guard puts in place is left behind."""
    before = signal.getsignal(signal.SIGALRM), resource.getrlimit(resource.RLIMIT_AS), sys.stdout, sys.stderr
    yield
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert (signal.getsignal(signal.SIGALRM), resource.getrlimit(resource.RLIMIT_AS), sys.stdout, sys.stderr) == before


@ENDLESS
def test_an_endless_loop_is_stopped(endless):
    start = time.perf_counter()
    assert isinstance(call_safely(endless, allow(0.2)).error, TooLong)
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize("endless", [forever, catches, prints], ids=lambda f: f.__name__)
def test_an_endless_loop_is_stopped_in_another_thread(endless):
    found = []
    thread = threading.Thread(target=lambda: found.append(call_safely(endless, allow(0.2))))
    thread.start()
    thread.join(10)
    assert isinstance(found[0].error, TooLong)


def test_a_call_that_ends_just_in_time_leaves_no_alarm():
    def busy(until):
        while time.perf_counter() < until:
            pass
        return 1

    for k in range(100):
        outcome = call_safely(lambda k=k: busy(time.perf_counter() + 0.01 + (k - 50) * 1e-5), allow(0.01))
        assert outcome.value == 1 or isinstance(outcome.error, TooLong)
    time.sleep(0.15)


@pytest.mark.parametrize(
    "eats",
    [lambda: np.ones(2**30), lambda: "x" * 2**31, lambda: list(itertools.repeat(0, 2**29)), lambda: bytearray(2**40)],
)
def test_memory_without_end_is_refused_where_the_system_keeps_a_limit(eats):
    if not sys.platform.startswith("linux"):
        pytest.skip("this system keeps no limit of memory")
    assert isinstance(call_safely(eats).error, MemoryError)


def test_a_check_reads_the_size_of_the_process_once(monkeypatch):
    reads, read = [], guard._find_space_limit
    monkeypatch.setattr(guard, "_find_space_limit", lambda: reads.append(1) or read())
    assert diagnose(EXERCISES["rnn_step"], lambda x, h_prev, W_xh, W_hh, b_h: h_prev).wrong
    assert reads == [1]


def test_what_is_printed_is_kept_up_to_a_limit():
    outcome = call_safely(lambda: print("x" * 10**6))
    assert outcome.printed == "x" * guard.PRINTED + " … (998,001 more characters)"
    assert call_safely(lambda: print("dz", 3, file=sys.stderr)).printed == "dz 3\n"


class Unprintable(Exception):
    """Not even its message can be had."""

    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "error", [SystemExit(3), GeneratorExit(), StopIteration(), Unprintable(), RecursionError("deep")]
)
def test_every_error_is_caught(error):
    def raises():
        raise error

    outcome = call_safely(raises)
    assert outcome.error is error
    assert outcome.words.startswith(type(error).__name__)


def test_the_readers_own_interrupt_passes_through():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_safely(interrupted)


def test_the_line_that_raised_is_shown():
    outcome = call_safely(lambda: np.ones(2) @ np.ones(3))
    assert outcome.words.endswith("in the line `outcome = call_safely(lambda: np.ones(2) @ np.ones(3))`")


def test_a_check_is_stopped_after_its_seconds_in_all_and_says_so():
    start = time.perf_counter()
    quick = replace(EXERCISES["rnn_step"], seconds=0.5)
    found = diagnose(quick, lambda x, h_prev, W_xh, W_hh, b_h: forever())
    assert found.sentence.startswith(
        "it was stopped, because the check had taken 0.5 seconds: is there a loop without an end?"
    )
    assert time.perf_counter() - start < 60  # it ends at all; how late depends on what else the machine does


ARRAYS = st.sampled_from(
    [np.ones((1, 1)), np.ones(0), np.array(None), np.array(["a"]), np.ma.masked, np.ones((2, 3, 4))]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers() | st.binary() | ARRAYS
    | st.sampled_from([object(), type, print, Ellipsis, iter(()), range(3), np.float32(1), 10**400]),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)  # fmt: skip
ERRORS = st.sampled_from(
    [ValueError, SystemExit, MemoryError, RecursionError, GeneratorExit, Unprintable, AssertionError]
)
ACTS = st.sampled_from(["nothing", "print", "damage", "keep", "recurse", "delete"])


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
@given(value=VALUES, error=st.none() | ERRORS, act=ACTS, arity=st.booleans())
@settings(max_examples=40)
def test_no_answer_breaks_a_check(exercise, value, error, act, arity):
    kept = []

    def hostile(*arguments):
        if act == "print":
            print("x" * 10**6)
        if act == "damage":
            for a in arguments:
                if isinstance(a, np.ndarray):
                    a[...] = np.nan
        if act == "delete":
            for a in arguments:
                if isinstance(a, dict):
                    a.clear()
        if act == "keep":
            kept.append(arguments)
        if act == "recurse":
            return hostile(*arguments)
        if error is not None:
            raise error
        return kept[-1] if kept else value

    function = hostile if arity else lambda one_argument_too_many_of_all, /, a, b, c, d, e, f, g, h: 1
    found = diagnose(exercise, function)
    assert found.sentence is None or (isinstance(found.sentence, str) and found.sentence)
    assert found.attempted
