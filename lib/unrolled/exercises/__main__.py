"""A table of all exercises: how many wrong answers each knows, and how many it names exactly.

python -m unrolled.exercises
"""

from unrolled.exercises import LESSONS
from unrolled.exercises.diagnosis import diagnose


def named(exercise):
    """The sentences that their own wrong answer gets, and {sentence: what it gets} of the others."""
    said = {sentence: diagnose(exercise, f).sentence or "right" for sentence, f in exercise.wrong.items()}
    missed = {s: got for s, got in said.items() if s not in got or any(o in got for o in said if o != s and s not in o)}
    return [s for s in said if s not in missed], missed


def main():
    """Print the table, and every wrong answer that is not named exactly."""
    total, exact, misses = 0, 0, []
    print(f"{'lesson':<8}{'exercise':<32}{'wrong answers':>14}{'named exactly':>15}")
    for number, exercises in LESSONS.items():
        for exercise in exercises:
            right, missed = named(exercise)
            total, exact = total + len(exercise.wrong), exact + len(right)
            misses += [(exercise.name, sentence, got) for sentence, got in missed.items()]
            print(f"{number:<8}{exercise.name:<32}{len(exercise.wrong):>14}{len(right):>15}")
    print(f"{'':<8}{'all':<32}{total:>14}{exact:>15}  {exact / total:.1%}")
    for name, sentence, got in misses:
        print(f"\n{name}: {sentence}\n  gets: {got}")


if __name__ == "__main__":
    main()
