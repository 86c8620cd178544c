"""A program on trial: what it says that it does, its part on trial, how it trains, and what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import ndiff
from functools import cache, cached_property
from types import ModuleType

import numpy as np

from unrolled.exercises.mistakes import compile_like, replace_once, source_of

RIGHT, WRONG = "right", "wrong"
SOUND = "nothing is wrong with it"  # a diagnosis that every case offers, or has
GRADIENT = "a gradient is wrong"  # one that many offer


@cache  # many programs are the same one, once it is mended
def _losses(train, part):
    losses = np.array(train(part))
    losses.flags.writeable = False  # the programs share it
    return losses


def pick(reasons, *names):
    """The reasons with these names, in this order: a Case's `others`."""
    return {name: reasons[name] for name in names}


@dataclass(frozen=True)
class Case:
    """One program.

    title      what it is
    claim      what the program says that it does
    healthy    the part on trial as it should be; bug: (old, new, …) of its source, () where nothing is wrong
    train      train(part) -> the losses, one a step
    arguments  arguments() -> what the part can be called with
    curve      why the curve alone says so little, or what it betrays: the answer to "right or wrong?"
    tempting   what speaks for the other answer, and why that is not enough
    diagnosis  what is wrong, in a sentence, with why; others: what might be thought, each with why it is not so
    loss       what the losses are, and their unit
    """

    title: str
    claim: str
    healthy: Callable
    bug: tuple
    train: Callable
    arguments: Callable
    curve: str
    tempting: str
    diagnosis: tuple
    others: dict
    loss: str = "loss (nats)"

    @cached_property
    def source(self):
        """The part's source, bug and all."""
        return replace_once(self.healthy, source_of(self.healthy), *self.bug).rstrip()

    @cached_property
    def part(self):
        """The part on trial, as the source has it."""
        return compile_like(self.healthy, self.source, "on trial")

    @cached_property
    def losses(self):
        """The loss at each step of the program as it stands."""
        return _losses(self.train, self.part) if self.bug else self.mended_losses

    @cached_property
    def mended_losses(self):
        """The loss at each step without the bug."""
        return _losses(self.train, self.healthy)

    def examine(self, test):
        """Print what test(part, *arguments) returns; where it fails, its report, or what it says."""
        try:
            print(test(self.part, *self.arguments()))
        except AssertionError as error:
            print(getattr(error, "report", None) or f"It fails: {error}")

    @property
    def verdict(self):
        """The first question, as `predict` takes it."""
        answer, other = (WRONG, RIGHT) if self.bug else (RIGHT, WRONG)
        choices = dict(sorted({answer: self.curve, other: self.tempting}.items()))
        return {"question": "Is this program right or wrong?", "choices": choices, "answer": answer}

    @property
    def which(self):
        """The second question, as `predict` takes it: what is wrong?"""
        what, because = self.diagnosis
        choices = dict(sorted(({what: because} | self.others).items()))
        return {"question": "Your diagnosis?", "choices": choices, "answer": what}

    @property
    def cure(self):
        """The lines that change, "- " as they are and "+ " mended."""
        lines = ndiff(self.source.splitlines(), source_of(self.healthy).rstrip().splitlines())
        return "\n".join(line for line in lines if line.startswith(("- ", "+ "))) or "nothing to mend"


@dataclass(frozen=True)
class Program(Case):
    """A whole program: `healthy` is a module, and so is `part`, whose functions can be called one by one."""

    @cached_property
    def part(self):
        """The program as the source has it, as a module."""
        part = ModuleType(self.healthy.__name__)
        exec(compile(self.source, f"<{part.__name__}: on trial>", "exec"), vars(part))
        return part
