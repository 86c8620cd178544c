"""What the commands have in common: numbers with their laws, an error in one line, a console of any encoding."""

import argparse
import sys
from collections.abc import Callable
from typing import NamedTuple


class Law(NamedTuple):
    """What a number may be, in words and as a test; nan passes none."""

    kind: type
    words: str
    holds: Callable

    def check(self, name, value):
        """ValueError: the value breaks the law."""
        whole = self.kind is float or not isinstance(value, bool) and value == int(value)
        if not (whole and self.holds(value)):
            raise ValueError(f"{name} must be {self.words}, got {value}")

    def read(self, text):
        """The number in an argument, as argparse's `type`."""
        try:
            value = self.kind(text)
            self.check("it", value)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be {self.words}, got {text!r}") from None
        return value


def at_least(least):
    """Whole numbers from `least` on."""
    return Law(int, f"a whole number, at least {least}", lambda value: value >= least)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error of the commands."""

    def error(self, message):
        """Ends the command."""
        self.exit(2, f"{self.prog}: {message.removeprefix('argument ')}\n")


def any_console():
    """From now on, what the console or the file behind > cannot show is written as \\u…, and nothing is lost."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def note_on_console(text):
    """Where characters of a text came out as \\u…: a word on it."""
    encoding = sys.stdout.encoding or "utf-8"
    if text.encode(encoding, "ignore").decode(encoding) != text:
        print(
            f"what {encoding} cannot write stands as \\u…: with PYTHONIOENCODING=utf-8 it is written", file=sys.stderr
        )
