"""Stop a call when its time is up, even if it puts the alarm off.

The alarm comes as a signal, which wakes a main thread that sleeps. A watch, a thread of its own, does the rest: it
stops calls in other threads and on Windows, and calls that ignore, replace, block or switch off the alarm.
"""

import ctypes
import signal
import sys
import threading
import time

AGAIN = 0.1  # seconds until a call that caught TooLong is stopped again
GRACE = 0.05  # seconds that the watch leaves to the alarm

# A call may overwrite the functions of a module; these stay.
_get_time, _sleep, _get_handler, _set_handler = time.perf_counter, time.sleep, signal.getsignal, signal.signal
_set_timer, _get_timer = getattr(signal, "setitimer", None), getattr(signal, "getitimer", None)
_set_mask = getattr(signal, "pthread_sigmask", None)
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc


class TooLong(BaseException):
    """The time is up. No Exception, so that `except Exception` in an endless loop does not catch it."""


class _Call:
    """A call in progress: its thread, when the watch stops it, and whether it is over."""

    def __init__(self, seconds, has_alarm):
        self.thread, self.has_alarm = threading.get_ident(), has_alarm
        self.end = _get_time() + seconds + (GRACE if has_alarm else 0)
        self.over = self.stopped = False

    def keep_alarm(self):
        """No alarm rings that would end the process, because the call has taken its handler away."""
        if self.has_alarm and _get_handler(signal.SIGALRM) is signal.SIG_DFL:
            _set_timer(signal.ITIMER_REAL, 0)

    def stop(self):
        """Ask the interpreter to raise TooLong in its thread, and wake it by a signal that it still hears."""
        _raise_in(ctypes.c_ulong(self.thread), ctypes.py_object(TooLong))
        if self.has_alarm:
            alarm = _get_handler(signal.SIGALRM)
            if getattr(alarm, "__module__", None) == __name__:
                signal.pthread_kill(self.thread, signal.SIGALRM)
            if self.stopped and callable(_get_handler(signal.SIGINT)):  # that did not help
                signal.pthread_kill(self.thread, signal.SIGINT)
        self.stopped = True


class _Watch:
    """One thread for all calls, for to start one takes longer than most calls; it sleeps while there is none."""

    def __init__(self):
        self.calls, self.lock, self.awake, self.thread = [], threading.Lock(), threading.Event(), None

    def add(self, call):
        with self.lock:
            self.calls.append(call)
        if self.thread is None or not self.thread.is_alive():  # after a fork it is not
            self.thread = threading.Thread(target=self.run, name="time limit of exercises", daemon=True)
            self.thread.start()
        if not self.awake.is_set():
            self.awake.set()

    def remove(self, call):
        """What was asked for and has not come yet, comes no more."""
        call.over = True
        with self.lock:
            if call in self.calls:
                self.calls.remove(call)
        if call.stopped:
            # To ask for None would leave Python looking for ever for what is asked: 3.11 hangs there under a trace.
            try:
                _raise_in(ctypes.c_ulong(call.thread), ctypes.py_object(TooLong))
                while True:
                    pass
            except TooLong:
                pass

    def run(self):
        while True:
            self.awake.wait()
            while self.calls:
                _sleep(AGAIN)
                with self.lock:
                    self.calls = [call for call in self.calls if not call.over]
                    for call in self.calls:
                        call.keep_alarm()
                        if _get_time() > call.end:
                            call.stop()
            self.awake.clear()
            if self.calls:  # one that came meanwhile
                self.awake.set()


_watch = _Watch()


def stop_in_time(call, seconds):
    """call(), ended by TooLong when the time is up. A KeyboardInterrupt of the reader's own passes through."""
    has_alarm = _set_timer is not None and threading.current_thread() is threading.main_thread()
    watched = _Call(seconds, has_alarm)
    try:
        try:
            _watch.add(watched)
            return _stop_by_alarm(call, seconds) if has_alarm else _call_untraced(call)
        finally:
            _watch.remove(watched)
    except KeyboardInterrupt:
        if watched.stopped:  # the watch sent it
            raise TooLong from None
        raise
    finally:
        watched.over = True  # again, because TooLong may come while it is removed


def _call_untraced(call):
    """call(); what it set as trace and profile, which may loop, sees nothing of what comes after it."""
    trace, profile = sys.gettrace(), sys.getprofile()
    try:
        return call()
    finally:
        if sys.gettrace() is not trace:
            sys.settrace(trace)
        if sys.getprofile() is not profile:
            sys.setprofile(profile)


def _stop_by_alarm(call, seconds):
    rings, over = 0, False

    def stop(*_):
        nonlocal rings
        if over:
            return
        rings += 1
        # A loop that catches TooLong spends its time inside its try, where each next alarm would meet it again. So the
        # second follows the first in microseconds, and meets it between the tries.
        if rings > 1:
            _set_timer(signal.ITIMER_REAL, 1e-6 * (2 + rings % 50), AGAIN)
        raise TooLong

    timer, mask = _get_timer(signal.ITIMER_REAL), _set_mask(signal.SIG_BLOCK, ())
    before = _set_handler(signal.SIGALRM, stop)
    try:
        try:
            _set_timer(signal.ITIMER_REAL, seconds, AGAIN)
            return _call_untraced(call)
        finally:
            over = True
            _set_timer(signal.ITIMER_REAL, 0)
            _set_handler(signal.SIGALRM, stop)
            _set_mask(signal.SIG_SETMASK, mask)  # what the call has blocked comes now, and finds it over
    finally:  # twice, because the alarm may ring in the first
        over = True
        _set_timer(signal.ITIMER_REAL, 0)
        _set_handler(signal.SIGALRM, before)
        _set_timer(signal.ITIMER_REAL, *timer)
