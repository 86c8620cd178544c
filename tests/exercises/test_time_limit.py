"""What a time limit has set and sent does not outlive it: each race is played through in one order, without a clock."""

import signal
import sys
import threading

import pytest

from unrolled.exercises import time_limit
from unrolled.exercises.time_limit import TooLong, stop_in_time

watch = time_limit._watch


def takes_its_handler_away():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm")
@pytest.mark.parametrize("call", [lambda: None, takes_its_handler_away], ids=["quiet", "takes its handler away"])
def test_the_alarms_handler_stands_from_before_the_watch_looks_until_after(monkeypatch, call):
    """The watch sends the alarm's signal; where no handler stands, it ends the process."""
    stands = []

    def record(act, name):
        def recorded(watched):
            stands.append((f"before {name}", callable(signal.getsignal(signal.SIGALRM))))
            act(watched)
            stands.append((f"after {name}", callable(signal.getsignal(signal.SIGALRM))))

        monkeypatch.setattr(watch, name, recorded)

    record(watch.add, "add")
    record(watch.remove, "remove")
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    stop_in_time(call, 60)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    order = ["before add", "after add", "before remove", "after remove"]
    assert stands == [(moment, True) for moment in order]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm")
def test_no_alarm_waits_for_a_call_that_may_take_its_handler_away():
    assert stop_in_time(lambda: signal.getitimer(signal.ITIMER_REAL), 60) == (0, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm")
@pytest.mark.parametrize("handler, rings", [(signal.SIG_DFL, False), (signal.SIG_IGN, False), (None, True)])
def test_an_alarm_is_set_only_where_its_handler_stands(monkeypatch, handler, rings):
    late, timers = time_limit._Call(0), []
    for name in ("_raise_in", "_kill"):
        monkeypatch.setattr(time_limit, name, lambda *_: None)
    monkeypatch.setattr(time_limit, "_set_timer", lambda which, seconds: timers.append(seconds))
    monkeypatch.setattr(time_limit, "_get_handler", lambda which: late.ring if handler is None else handler)
    late.look()
    assert [seconds > 0 for seconds in timers] == [rings]


@pytest.mark.parametrize("came", [TooLong, KeyboardInterrupt])
def test_a_call_ends_whole_though_what_was_sent_comes_in_the_middle_of_its_end(monkeypatch, came):
    waiting, remove, ended = [came(), came()], watch.remove, []

    def interrupted(watched):
        if waiting:
            raise waiting.pop()
        remove(watched)
        ended.append(watched)

    monkeypatch.setattr(watch, "remove", interrupted)
    with pytest.raises(came):
        stop_in_time(lambda: None, 60)
    assert [call in watch.calls for call in ended] == [False]


def test_a_call_that_is_over_is_not_stopped(monkeypatch):
    """The watch may have chosen it before it was over."""
    calls, sent = [], []
    stop_in_time(lambda: calls.append(watch.calls[-1]), 60)
    (call,) = calls
    call.end_time = 0
    monkeypatch.setattr(time_limit, "_raise_in", lambda *args: sent.append(args))
    call.look()
    assert sent == []


@pytest.mark.parametrize("where", ["main thread", "another thread"])
def test_what_the_watch_sends_while_a_call_ends_does_not_come_later(monkeypatch, where):
    sends, ends, outcomes = threading.Event(), threading.Event(), []
    raise_in, main = time_limit._raise_in, watch.remove

    def late(*args):
        if threading.current_thread() is watch.thread:
            sends.set()
            assert ends.wait(60)
        raise_in(*args)

    def call():
        watch.calls[-1].end_time = 0
        assert sends.wait(60)

    def remove(watched):
        ends.set()
        main(watched)

    monkeypatch.setattr(time_limit, "_raise_in", late)
    monkeypatch.setattr(watch, "remove", remove)

    def twice():
        try:
            stop_in_time(call, 60)
        except TooLong:
            outcomes.append("too long")
        outcomes.append(sum(range(10)))  # TooLong or a signal that came here would be one too many
        outcomes.append(stop_in_time(lambda: sum(i for i in range(10**5)) and "undisturbed", 60))

    if where == "main thread":
        twice()
    else:
        thread = threading.Thread(target=twice)
        thread.start()
        thread.join(60)
    assert outcomes[-2:] == [45, "undisturbed"]
