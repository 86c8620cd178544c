"""Whatever an answer does, a check answers with a sentence, in time, and the process lives as it did."""

import builtins
import decimal
import gc
import itertools
import locale
import os
import random
import resource
import signal
import sys
import threading
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client.manager import start_new_kernel

from tests.patience import patience
from unrolled.exercises import EXERCISES, guard
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.guard import TooLong, allow, call_safely
from unrolled.exercises.process_state import put_back_after_check


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
    assert time.perf_counter() - start < 3 * patience()


@pytest.mark.parametrize("endless", [forever, catches, prints], ids=lambda f: f.__name__)
def test_an_endless_loop_is_stopped_in_another_thread(endless):
    found = []
    thread = threading.Thread(target=lambda: found.append(call_safely(endless, allow(0.2))))
    thread.start()
    thread.join(10 * patience())
    assert isinstance(found[0].error, TooLong)


def sleeps_on():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


ALARM = signal.SIGALRM
PUTS_OFF = {
    "ignored": lambda: signal.signal(ALARM, signal.SIG_IGN),
    "the system's": lambda: signal.signal(ALARM, signal.SIG_DFL),
    "of its own": lambda: signal.signal(ALARM, lambda *_: None),
    "switched off": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
    "an hour": lambda: signal.alarm(3600),
    "blocked": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {ALARM}),
    "no timer": lambda: setattr(signal, "setitimer", lambda *_: None),
    "another clock": lambda: setattr(time, "perf_counter", lambda: -1e9),
}


@pytest.mark.parametrize("puts_off", PUTS_OFF.values(), ids=PUTS_OFF)
@pytest.mark.parametrize("endless", [forever, catches_all, sleeps, sleeps_on], ids=lambda f: f.__name__)
def test_an_alarm_that_is_put_off_is_not_missed(endless, puts_off):
    def answer(*_):
        puts_off()
        endless()

    start = time.perf_counter()
    with put_back_after_check():
        assert isinstance(call_safely(answer, allow(0.3)).error, TooLong)
    assert time.perf_counter() - start < 3 * patience()


def test_the_alarm_of_a_call_outlives_a_call_within_it():
    def outer():
        call_safely(lambda: 1)
        forever()

    start = time.perf_counter()
    assert isinstance(call_safely(outer, allow(0.2)).error, TooLong)
    assert time.perf_counter() - start < 3 * patience()


@pytest.mark.parametrize("follow", ["settrace", "setprofile"])
def test_a_trace_that_never_ends_is_stopped(follow):
    def answer():
        getattr(sys, follow)(lambda *_: forever())
        return len([])

    start = time.perf_counter()
    call_safely(answer, allow(0.2))
    assert time.perf_counter() - start < 3 * patience()
    assert call_safely(lambda: len([]), allow()).value == 0


@pytest.mark.slow
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


class Endless(Exception):
    """Its message never comes."""

    def __str__(self):
        forever()


class Exits(Exception):
    """To tell its message ends the process."""

    def __str__(self):
        raise SystemExit


class Long(Exception):
    """Its message has a megabyte."""

    def __str__(self):
        return "x" * 10**6


@pytest.mark.parametrize(
    ("error", "said"), [(Endless, "cannot be printed"), (Exits, "cannot be printed"), (Long, "x" * guard.TEXT)]
)
def test_the_text_of_an_error_has_its_time_and_its_length(error, said):
    def raises(*_):
        raise error

    start = time.perf_counter()
    outcome = call_safely(raises, allow(0.3))
    assert said in outcome.words
    assert len(outcome.words) < guard.TEXT + 100
    assert isinstance(outcome.error, error)
    assert time.perf_counter() - start < 3 * patience()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_object_that_never_goes_is_left():
    class Stays:
        def __del__(self):
            forever()

    def raises():
        stays = Stays()
        raise ValueError(f"{stays is None}")

    start = time.perf_counter()
    assert isinstance(call_safely(raises, allow(0.2)).error, ValueError)
    assert time.perf_counter() - start < 3 * patience()


def dive():
    return sorted([0], key=lambda _: dive())


def dive_in_numpy():
    return np.apply_along_axis(lambda _: dive_in_numpy(), 0, np.ones(1))


@pytest.mark.parametrize("deep", [dive, dive_in_numpy], ids=lambda f: f.__name__)
def test_a_recursion_ends_before_the_stack_does(deep):
    def inside():
        sys.setrecursionlimit(10**6)
        return deep()

    limit = sys.getrecursionlimit()
    assert isinstance(call_safely(inside).error, RecursionError)
    assert sys.getrecursionlimit() == limit
    sys.setrecursionlimit(10**6)
    try:
        assert isinstance(call_safely(deep).error, RecursionError)
        assert sys.getrecursionlimit() == 10**6
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.slow
def test_a_kernel_outlives_exit_and_quit():
    manager, client = start_new_kernel(startup_timeout=60 * patience(), kernel_name="python3")
    said = []
    try:
        for leave in ("exit()", "quit()", "get_ipython().ask_exit()"):
            code = f"from unrolled.exercises import check\ncheck.hello(lambda *a: {leave})"
            client.execute_interactive(code, timeout=60 * patience(), output_hook=said.append)
            time.sleep(0.3)  # a kernel that is asked to exit does so in 0.1 s
            reply = client.execute_interactive("1", timeout=20 * patience(), output_hook=said.append)
            assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert sum("raised SystemExit" in m["content"].get("text", "") for m in said) == 3


def test_a_child_of_a_fork_ends():
    here = os.getpid()
    call_safely(os.fork)
    assert os.getpid() == here
    os.wait()


def get_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


# what an answer changes: (the change, what is looked at)
CHANGES = {
    "folder": (lambda: os.chdir("/"), os.getcwd),
    "environment": (lambda: os.environ.update(NBGRADER_EXECUTION="1"), lambda: dict(os.environ)),
    "environment lost": (os.environ.clear, lambda: dict(os.environ)),
    "recursion": (lambda: sys.setrecursionlimit(500), sys.getrecursionlimit),
    "filters": (lambda: warnings.simplefilter("error"), lambda: warnings.filters[:]),
    "filters lost": (warnings.resetwarnings, lambda: warnings.filters[:]),
    "NumPy's draws": (lambda: np.random.seed(0), lambda: np.random.get_state()[1].tolist()),  # noqa: NPY002
    "draws": (lambda: random.seed(0), random.getstate),
    "print options": (lambda: np.set_printoptions(precision=2), np.get_printoptions),
    "errors of NumPy": (lambda: np.seterr(all="raise"), np.geterr),
    "trace": (lambda: sys.settrace(lambda *_: None), sys.gettrace),
    "profile": (lambda: sys.setprofile(lambda *_: None), sys.getprofile),
    "trace of threads": (lambda: threading.settrace(lambda *_: None), threading.gettrace),
    "path": (lambda: sys.path.clear(), lambda: sys.path[:]),  # noqa: TID251
    "another path": (lambda: setattr(sys, "path", []), lambda: sys.path[:]),  # noqa: TID251
    "streams": (lambda: setattr(sys, "stdout", None), lambda: sys.stdout),
    "hooks": (lambda: setattr(sys, "excepthook", print), lambda: sys.excepthook),
    "hooks of threads": (lambda: setattr(threading, "excepthook", print), lambda: threading.excepthook),
    "collector": (gc.disable, gc.isenabled),
    "builtins": (lambda: setattr(builtins, "len", lambda *_: 3), lambda: len),
    "builtins lost": (lambda: delattr(builtins, "sorted"), lambda: sorted),
    "NumPy": (lambda: setattr(np, "tanh", np.sin), lambda: np.tanh),
    "what compares": (lambda: setattr(np, "isclose", lambda *_, **__: True), lambda: np.isclose),
    "norms": (lambda: setattr(np.linalg, "norm", len), lambda: np.linalg.norm),
    "modules": (lambda: sys.modules.update(numpy=None), lambda: sys.modules["numpy"]),
    "modules lost": (lambda: sys.modules.pop("numpy", None), lambda: sys.modules["numpy"]),
    "interrupt": (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN), lambda: signal.getsignal(signal.SIGINT)),
    "mask": (
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}),
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
    ),
    "switches": (lambda: sys.setswitchinterval(1), sys.getswitchinterval),
    "decimals": (lambda: setattr(decimal.getcontext(), "prec", 3), lambda: decimal.getcontext().prec),
    "locale": (lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"), lambda: locale.setlocale(locale.LC_ALL)),
    "mode of new files": (lambda: os.umask(0o777), get_umask),
}


@pytest.mark.parametrize(("change", "look"), CHANGES.values(), ids=CHANGES)
def test_a_check_puts_back_what_an_answer_changes(change, look):
    exercise, before = EXERCISES["rnn_step"], look()

    def answer(x, h_prev, W_xh, W_hh, b_h):
        h = exercise.reference(x, h_prev, W_xh, W_hh, b_h)
        change()
        return h

    diagnose(exercise, answer)
    assert look() == before
    assert diagnose(exercise, exercise.reference).sentence is None


def test_an_answer_that_draws_is_found_out():
    exercise = EXERCISES["rnn_step"]
    found = diagnose(exercise, lambda x, h_prev, W_xh, W_hh, b_h: exercise.reference(
        x, h_prev, W_xh, W_hh, b_h) + 1e-5 * np.random.randn())  # noqa: NPY002  # fmt: skip
    assert "draws random numbers" in found.sentence


def test_the_readers_own_interrupt_passes_through():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_safely(interrupted)


def test_the_line_that_raised_is_shown():
    outcome = call_safely(lambda: np.ones(2) @ np.ones(3))
    assert outcome.words.endswith("in the line `outcome = call_safely(lambda: np.ones(2) @ np.ones(3))`")


@pytest.mark.slow
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


@pytest.mark.slow
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
