"""What a process keeps outside its objects (folder, limits, filters, handlers …), taken before an answer and put back.

A pair (get, put) for each thing: put(get()) changes nothing. What a check needs itself is put back after each call, the
rest after the check, for it takes ten times as long.
"""

import builtins
import decimal
import gc
import locale
import math
import os
import random
import signal
import sys
import threading
import time
import warnings
from contextlib import contextmanager

import numpy as np

DEEPEST = 3000  # calls within calls: some 2.7 kB of the C stack for each, which ends the process where it is full
HANDLED = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name)]

_getpid, _end_at_once = os.getpid, os._exit
_set_handler, _get_handler, _limit_recursion = signal.signal, signal.getsignal, sys.setrecursionlimit
_main_thread, _this_thread = threading.main_thread, threading.current_thread


def _end_child(_):
    """A call has forked, and this is the child: two kernels would speak on one wire."""
    _end_at_once(0)


def _get_folder():
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None


def _set_folder(path):
    if path is not None and os.path.isdir(path):
        os.chdir(path)


def _set_environment(names):
    for name in [name for name in os.environ if name not in names]:
        del os.environ[name]
    os.environ.update(names)


def _get_umask():
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _get_decimal():
    context = decimal.getcontext()
    return context, context.prec, context.rounding


def _set_decimal(before):
    context, context.prec, context.rounding = before
    decimal.setcontext(context)


def _get_handlers():
    return [_get_handler(number) for number in HANDLED] if _this_thread() is _main_thread() else []


def _set_handlers(handlers):
    for number, handler in zip(HANDLED, handlers):
        if handler is not None:  # None: not set from Python
            _set_handler(number, handler)


def _set_filters(filters):
    warnings.resetwarnings()  # tells Python, too, that they have changed
    warnings.filters[:] = filters


def _keep_list(name):
    """Of sys; which list it is, is put back before."""
    return lambda: getattr(sys, name)[:], lambda before: getattr(sys, name).__setitem__(slice(None), before)


def _get_numpy_draws():
    name, key, *rest = np.random.get_state()  # noqa: NPY002
    return name, key.tobytes(), *rest


def _set_numpy_draws(before):
    name, key, *rest = before
    np.random.set_state((name, np.frombuffer(key, np.uint32), *rest))  # noqa: NPY002


# Functions that an answer has overwritten are put back; what is new in a module stays.
CALL_MODULES = builtins, sys, signal, threading, time, np
CALL_PAIRS = (
    (_getpid, _end_child),
    (sys.getrecursionlimit, _limit_recursion),
    (sys.gettrace, sys.settrace),
    (sys.getprofile, sys.setprofile),
    _keep_list("path"),
    (lambda: warnings.filters[:], _set_filters),
)
CHECK_MODULES = os, math, random, warnings, np.linalg, np.random
# The random states are here, too: an answer that draws would else draw the same again in each call, and be believed.
CHECK_PAIRS = (
    (sys.modules.copy, sys.modules.update),
    _keep_list("meta_path"),
    _keep_list("path_hooks"),
    _keep_list("argv"),
    (_get_handlers, _set_handlers),
    (_get_folder, _set_folder),
    (os.environ.copy, _set_environment),
    (_get_umask, os.umask),
    (threading.gettrace, threading.settrace),
    (threading.getprofile, threading.setprofile),
    (sys.getswitchinterval, sys.setswitchinterval),
    (gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    (gc.get_threshold, lambda numbers: gc.set_threshold(*numbers)),
    (gc.get_debug, gc.set_debug),
    (lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
    (_get_decimal, _set_decimal),
    (np.get_printoptions, lambda options: np.set_printoptions(**options)),
    (np.geterrcall, np.seterrcall),
    (random.getstate, random.setstate),
    (_get_numpy_draws, _set_numpy_draws),
)


@contextmanager
def put_back(modules, pairs):
    """Afterwards the modules' functions, and then what each pair keeps, are as they were."""
    names = [(vars(module), vars(module).copy()) for module in modules]
    before = [(get, put, get()) for get, put in pairs]
    try:
        yield
    finally:
        for now, kept in names:
            now.update(kept)
        for get, put, kept in before:
            if get() != kept:
                put(kept)


def put_back_after_call():
    """The context of one call of an answer."""
    return put_back(CALL_MODULES, CALL_PAIRS)


def put_back_after_check():
    """The context of all calls of one check."""
    return put_back(CHECK_MODULES, CHECK_PAIRS)


@contextmanager
def no_exit():
    """exit() and quit() raise SystemExit, also IPython's, which would end the kernel after the cell; and no recursion
    goes deeper than DEEPEST, whatever limit is asked for.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit = lambda depth: _limit_recursion(min(depth, DEEPEST))
    if limit > DEEPEST:
        _limit_recursion(DEEPEST)
    if shell:
        ask_exit, shell.ask_exit = shell.ask_exit, sys.exit
    try:
        yield
    finally:
        if shell:
            shell.ask_exit = ask_exit
