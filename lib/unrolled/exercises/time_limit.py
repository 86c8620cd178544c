"""Stop a call when its time is up, even if it puts the alarm off.

The alarm comes as a signal, which wakes a main thread that sleeps. A watch, a thread of its own, sets it when the time
is up. It does the rest, too: it stops calls in other threads and on Windows, and calls that ignore, replace or block
the alarm.
"""

import ctypes
import signal
import sys
import threading
import time

LOOK = 0.05  # seconds from one look of the watch to the next, which stops a call again that has caught TooLong
GRACE = 0.05  # seconds that the watch leaves to the alarm

# A call may overwrite the functions of a module; these stay.
_get_time, _sleep, _get_handler, _set_handler = time.perf_counter, time.sleep, signal.getsignal, signal.signal
_set_timer, _get_timer = getattr(signal, "setitimer", None), getattr(signal, "getitimer", None)
_set_mask, _kill = getattr(signal, "pthread_sigmask", None), getattr(signal, "pthread_kill", None)
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc


class TooLong(BaseException):
    """The time is up. No Exception, so that `except Exception` in an endless loop does not catch it."""


class _Call:
    """A call in progress: its thread, its alarm where it has one, when the watch stops it, and whether it is over."""

    def __init__(self, seconds):
        self.thread = threading.get_ident()
        self.has_alarm = _set_timer is not None and threading.current_thread() is threading.main_thread()
        self.end_time = _get_time() + seconds
        self.over = self.looked_at = self.stopped = self.ended = False
        if self.has_alarm:
            self.rings, self.before = 0, _get_handler(signal.SIGALRM)
            self.timer, self.mask = _get_timer(signal.ITIMER_REAL), _set_mask(signal.SIG_BLOCK, ())

    def begin(self):
        """The handler stands before the watch looks, because a signal without one ends the process."""
        if self.has_alarm:
            _set_handler(signal.SIGALRM, self.ring)
        _watch.add(self)

    def end(self):
        """The handler stands until the watch looks no more."""
        if self.has_alarm:
            _set_timer(signal.ITIMER_REAL, 0)
            _set_handler(signal.SIGALRM, self.ring)
        _watch.remove(self)
        if self.has_alarm:
            _set_mask(signal.SIG_SETMASK, self.mask)  # what the call has blocked comes now, and finds it over
            _set_handler(signal.SIGALRM, self.before)
            _set_timer(signal.ITIMER_REAL, *self.timer)
        self.ended = True

    def ring(self, *_):
        """The alarm's handler."""
        if self.over:
            return
        self.rings += 1
        # A loop that catches TooLong spends its time inside its try, where each next alarm would meet it again. So the
        # second follows the first in microseconds, and meets it between the tries.
        if self.rings > 1:
            _set_timer(signal.ITIMER_REAL, 1e-6 * (2 + self.rings % 50))
        raise TooLong

    def look(self):
        """The watch's part. It says that it looks, then asks whether the call is over; `_Watch.remove` does so in the
        other order. So one of the two sees the other, and nothing is sent to what follows the call."""
        self.looked_at = True
        try:
            late = _get_time() - self.end_time
            if not self.over and late > 0:
                if self.has_alarm:
                    self.set_alarm()
                if not self.has_alarm or late > GRACE:
                    self.stop()
        finally:
            self.looked_at = False

    def set_alarm(self):
        """It rings at once, where its handler stands; a call that has taken the handler away would end the process.

        So no alarm waits for a call's time to be up, which may take its handler away meanwhile: here none can, because
        its thread has no turn between the question and the ring.
        """
        stands = getattr(_get_handler(signal.SIGALRM), "__module__", None) == __name__
        _set_timer(signal.ITIMER_REAL, 1e-6 if stands else 0)

    def stop(self):
        """Ask the interpreter to raise TooLong in its thread, and wake it by a signal that it still hears."""
        again, self.stopped = self.stopped, True
        _raise_in(ctypes.c_ulong(self.thread), ctypes.py_object(TooLong))
        if self.has_alarm:
            alarm = _get_handler(signal.SIGALRM)
            if getattr(alarm, "__module__", None) == __name__:
                _kill(self.thread, signal.SIGALRM)
            if again and callable(_get_handler(signal.SIGINT)):  # the first did not help
                _kill(self.thread, signal.SIGINT)


class _Watch:
    """One thread for all calls, for to start one takes longer than most calls; it sleeps while there is none."""

    def __init__(self):
        self.calls, self.starts, self.awake, self.thread = [], threading.Lock(), threading.Event(), None

    def add(self, call):
        self.calls.append(call)
        if not self.is_alive():
            with self.starts:
                if not self.is_alive():
                    self.thread = threading.Thread(target=self.run, name="time limit of exercises", daemon=True)
                    self.thread.start()
        if not self.awake.is_set():
            self.awake.set()

    def is_alive(self):  # after a fork it is not
        return self.thread is not None and self.thread.is_alive()

    def remove(self, call):
        """What was asked for and has not come yet, comes no more."""
        call.over = True
        while call.looked_at:
            _sleep(0)
        if call.stopped:
            # To ask for None would leave Python looking for ever for what is asked: 3.11 hangs there under a trace.
            try:
                _raise_in(ctypes.c_ulong(call.thread), ctypes.py_object(TooLong))
                while True:
                    pass
            except TooLong:
                pass
        if call in self.calls:
            self.calls.remove(call)

    def run(self):
        while True:
            self.awake.wait()
            while self.calls:
                _sleep(LOOK)
                for call in [*self.calls]:
                    call.look()
            self.awake.clear()
            if self.calls:  # one that came meanwhile
                self.awake.set()


_watch = _Watch()


def stop_in_time(call, seconds):
    """call(), ended by TooLong when the time is up. A KeyboardInterrupt of the reader's own passes through."""
    watched, came = _Call(seconds), None
    try:
        try:
            watched.begin()
            return _call_untraced(call)
        finally:
            watched.over = True
            while not watched.ended:  # what was sent before may come in the middle of the end, which begins again then
                try:
                    watched.end()
                except (TooLong, KeyboardInterrupt) as error:
                    came = error
            if came is not None:
                raise came
    except KeyboardInterrupt:
        if watched.stopped:  # the watch sent it
            raise TooLong from None
        raise
    finally:
        if not watched.ended:  # a second one came between two beginnings
            watched.over = True
            watched.end()


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
