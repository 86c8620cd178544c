"""A table of all exercises: the wrong answers that each knows, and what is said of answers written without them.

python -m unrolled.exercises [folder]
python -m unrolled.exercises submissions FOLDER     (what students handed in, before nbgrader marks it)

The folder holds modules with WRONG = {exercise: [(what it is, the answer, what must be said)]} and
RIGHT = {exercise: [(how it is written, the answer)]}.
"""

import sys
from pathlib import Path
from runpy import run_path
from typing import NamedTuple

from unrolled.environment.options import any_console
from unrolled.exercises import EXERCISES, LESSONS, submissions
from unrolled.exercises.diagnosis import diagnose


class Verdict(NamedTuple):
    """What became of an independent answer: right, refused, accepted though wrong, misnamed, named, located or bare."""

    kind: str
    exercise: str
    label: str
    said: str


def find_misnamed(exercise, bank):
    """{sentence: what is said} of the wrong answers that get not their own sentence, or another one as well."""
    told = {sentence: diagnose(exercise, function).sentence or "right" for sentence, function in bank.items()}
    return {
        sentence: got
        for sentence, got in told.items()
        if sentence not in got or any(other in got and other not in sentence for other in bank)
    }


def judge(folder):
    """The Verdict of each answer in the modules of a folder."""
    verdicts = []
    for path in sorted(Path(folder).glob("*.py")):
        module = run_path(str(path))
        for name, answers in module["RIGHT"].items():
            for label, function in answers:
                said = diagnose(EXERCISES[name], function).sentence
                verdicts.append(Verdict("refused" if said else "right", name, label, said or ""))
        for name, answers in module["WRONG"].items():
            for label, function, must in answers:
                found = diagnose(EXERCISES[name], function)
                verdicts.append(Verdict(_judge_one(found, must), name, label, found.sentence or ""))
    return verdicts


def _judge_one(found, must):
    """A form is told in the first sentence, with no second: that it says what it must counts as named."""
    if found.wrong is None:
        return "accepted"
    true = must in found.sentence
    if found.named and not true:
        return "misnamed"
    if found.named or (must and true and not found.reason):
        return "named"
    return "located" if found.reason else "bare"


def main(lessons=LESSONS, folder=None):
    """Print the table, then every wrong answer that is not named exactly, and every independent one misjudged."""
    verdicts = judge(folder) if folder else []
    total, misnamed = 0, []
    print(f"{'lesson':<8}{'exercise':<32}{'wrong answers':>14}{'named exactly':>15}", end="")
    print(f"{'independent':>13}{'named':>7}{'located':>9}{'right':>7}" if verdicts else "")
    for number, exercises in lessons.items():
        for exercise in exercises:
            missed, count = find_misnamed(exercise, exercise.wrong), len(exercise.wrong)
            total += count
            misnamed += [(exercise.name, sentence, got) for sentence, got in missed.items()]
            shown = f"{count:>14}{count - len(missed):>15}" if exercise.results else f"{'open':>14}{'':>15}"
            print(f"{number:<8}{exercise.name:<32}{shown}{_count(v for v in verdicts if v.exercise == exercise.name)}")
    exact = total - len(misnamed)
    print(f"{'':<8}{'all':<32}{total:>14}{exact:>15}{_count(verdicts)}  {exact / total:.1%}")
    for name, sentence, got in misnamed:
        print(f"\n{name}: {sentence}\n  gets: {got}")
    for verdict in verdicts:
        if verdict.kind in ("refused", "accepted", "misnamed", "bare"):
            print(f"\n{verdict.kind}, {verdict.exercise}: {verdict.label}\n  gets: {verdict.said}")


def _count(verdicts):
    """The columns of the independent answers: how many are wrong, of these named and located; how many are right."""
    kinds = [verdict.kind for verdict in verdicts]
    if not kinds:
        return ""
    right = kinds.count("right")
    wrong = len(kinds) - right - kinds.count("refused")
    return f"{wrong:>13}{kinds.count('named'):>7}{kinds.count('located'):>9}{right:>7}"


if __name__ == "__main__":
    any_console()
    if sys.argv[1:2] == ["submissions"]:
        sys.exit(submissions.main(sys.argv[2:]))
    main(folder=next(iter(sys.argv[1:]), None))
