"""Exercises: `check` says what is wrong with an answer, `hint` helps, `solution` shows ours, `progress` counts.

    check.rnn_step(my_rnn_step)     hint("rnn_step")     solution("rnn_step")     progress()

`hint` and `solution` without a name mean the exercise that was checked last; an answer that is wrong comes before a
stub. While nbgrader marks a notebook, an answer that is not right raises, because that is how nbgrader knows; and
nobody's progress is written.
"""

import os
import sys
import textwrap
from difflib import get_close_matches
from types import MappingProxyType

from unrolled.exercises import progress_file
from unrolled.exercises.banks import (
    attention,
    backward_pass,
    bptt,
    caption_search,
    captioner,
    captions,
    char_rnn,
    characters,
    directions,
    gradient_flow,
    graph,
    gru,
    gru_weights,
    honest_baselines,
    jacobians,
    layers,
    linear_recurrence,
    lstm,
    lstm_over_time,
    own_cell,
    own_operation,
    own_variant,
    pullbacks,
    readings,
    soundness,
    start,
    text,
    translation,
    truncation,
    vanilla_rnn,
    variants,
    whole_network,
    word_weights,
)
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.solutions import solution_source

LESSONS = MappingProxyType(
    {
        "00": start.EXERCISES,
        "01": vanilla_rnn.EXERCISES,
        "02": pullbacks.EXERCISES + backward_pass.EXERCISES + graph.EXERCISES + own_operation.EXERCISES,
        "03": bptt.EXERCISES + whole_network.EXERCISES + truncation.EXERCISES + soundness.EXERCISES,
        "04": characters.EXERCISES + text.EXERCISES + char_rnn.EXERCISES,
        "05": captions.EXERCISES + captioner.EXERCISES + caption_search.EXERCISES,
        "06": attention.EXERCISES,
        "07": jacobians.EXERCISES + gradient_flow.EXERCISES,
        "08": lstm.EXERCISES + lstm_over_time.EXERCISES,
        "09": gru.EXERCISES + gru_weights.EXERCISES + own_cell.EXERCISES,
        "10": directions.EXERCISES + layers.EXERCISES,
        "11": translation.EXERCISES + word_weights.EXERCISES,
        "12": variants.EXERCISES + linear_recurrence.EXERCISES + own_variant.EXERCISES,
        "13": honest_baselines.EXERCISES + readings.EXERCISES,
    }
)
EXERCISES = MappingProxyType({exercise.name: exercise for lesson in LESSONS.values() for exercise in lesson})
KEEP = "\N{NO-BREAK SPACE}"  # stands where a line that is printed may not be broken
_state = {"last": None, "wrong": False, "hints": {}}  # of this session: what was checked last, and was it wrong?


class _Check:
    """check.<exercise>(my_function) prints what is wrong with an answer, that it is right, or was not attempted."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        exercise = _find(name, AttributeError)

        def check_one(function, **given):
            _check(exercise, function, given)

        check_one.__name__, check_one.__doc__ = name, exercise.statement
        return check_one

    def __dir__(self):
        return list(EXERCISES)


check = _Check()


def _check(exercise, function, given):
    if unknown := set(given) - set(next(exercise.cases())[1]):
        raise TypeError(f"{exercise.name} takes no {', '.join(sorted(unknown))}")
    found = diagnose(exercise, function, given)
    if found.attempted or not _state["wrong"]:
        _state.update(last=exercise.name, wrong=found.attempted and found.wrong is not None)
    message = _verdict(exercise, found, given)
    marking = os.environ.get("NBGRADER_EXECUTION")
    if marking and (not found.attempted or found.sentence):
        raise AssertionError(message)
    _say_in_lines(message)  # first: what can go wrong with the progress file does not hold it up
    if found.attempted and not marking:
        progress_file.note(exercise.name, right=found.sentence is None)


def _say(text):
    """Print it on any console: what its encoding lacks as \\u…, as Python writes errors; the verdict is never lost."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _say_in_lines(text):
    """`_say`, in lines as long as a lesson's code, broken between words: JupyterLab breaks what it prints anywhere.

    KEEP is printed as a space.
    """
    wrap = lambda line: textwrap.fill(line, 80, break_long_words=False, break_on_hyphens=False).replace(KEEP, " ")
    _say("\n".join(line if line.startswith(" ") else wrap(line) for line in text.splitlines()))  # arrays as they are


def _verdict(exercise, found, given):
    name = exercise.name
    if not found.attempted:
        return f'Not attempted, {name}: hint("{name}") helps, solution("{name}") shows ours.'
    if found.wrong is None:
        sizes = len(list(exercise.cases(given)))
        return f"Right, {name}." if sizes == 1 else f"Right, {name}: for all {sizes} combinations of sizes tried."
    lines = [f"Not yet, {name}: {found.wrong}{'' if found.wrong.endswith('?') else '.'}"]
    if found.named and found.reason:  # a Named says all in its first sentence
        mistake, _, law = found.reason.partition(": ") if found.reason in exercise.wrong else (found.reason, "", "")
        lines += [f"Your mistake: {mistake}."] + [f"Remember: {law}."] * bool(law)
    elif found.reason:
        lines.append(f"What is known: {found.reason}.")
    if found.smallest:
        lines.append("The smallest input that shows it:\n" + textwrap.indent(found.smallest, "    "))
    if printed := found.printed.strip():
        lines.append(f"It printed: {printed}")
    return "\n".join(lines)


def hint(exercise=None):
    """Print the next hint to an exercise, by its name or your function: each call goes one level on, to the third."""
    exercise = _resolve(exercise)
    name, last = exercise.name, len(exercise.hints)
    level = _state["hints"][name] = _state["hints"].get(name, 0) + 1
    _say_in_lines(f"Hint {min(level, last)} of {last} to {name}: {exercise.hints[min(level, last) - 1]}")
    if level > last:
        _say_in_lines(f'There are no more hints. solution("{name}") shows ours.')


def solution(exercise=None):
    """Print our answer to an exercise, by its name or your function: source that runs, and defines my_<name>."""
    _say(solution_source(_resolve(exercise)))


def progress():
    """Print how many exercises of each lesson are right."""
    done = progress_file.load()
    count = lambda exercises: sum(done.get(exercise.name, False) for exercise in exercises)
    shares = [f"{number}:{KEEP}{count(lesson)}/{len(lesson)}" for number, lesson in LESSONS.items()]
    right = count(EXERCISES.values())
    _say_in_lines(f"Right so far: {right} of {len(EXERCISES)} exercises (lesson {', '.join(shares)})")


def _resolve(exercise):
    name = _state["last"] if exercise is None else getattr(exercise, "__name__", exercise)
    if name is None:
        raise ValueError(f'name an exercise, hint("{next(iter(EXERCISES))}"): none was checked yet')
    return _find(str(name).removeprefix("my_"), ValueError)


def _find(name, error):
    if name not in EXERCISES:
        near = get_close_matches(name, EXERCISES, n=1, cutoff=0.5)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise error(f"there is no exercise {name!r}{meant} There are: {', '.join(EXERCISES)}")
    return EXERCISES[name]
