"""A table of all exercises: how many wrong answers each knows, and how many it names exactly.

python -m unrolled.exercises
"""

from unrolled.exercises import LESSONS
from unrolled.exercises.diagnosis import diagnose


def find_misnamed(exercise, bank):
    """{sentence: what is said} of the wrong answers that get not their own sentence, or another one as well."""
    told = {sentence: diagnose(exercise, function).sentence or "right" for sentence, function in bank.items()}
    return {
        sentence: got
        for sentence, got in told.items()
        if sentence not in got or any(other in got and other not in sentence for other in bank)
    }


def main(lessons=LESSONS):
    """Print the table, and every wrong answer that is not named exactly."""
    total, misnamed = 0, []
    print(f"{'lesson':<8}{'exercise':<32}{'wrong answers':>14}{'named exactly':>15}")
    for number, exercises in lessons.items():
        for exercise in exercises:
            missed, count = find_misnamed(exercise, exercise.wrong), len(exercise.wrong)
            total += count
            misnamed += [(exercise.name, sentence, got) for sentence, got in missed.items()]
            shown = f"{count:>14}{count - len(missed):>15}" if exercise.results else f"{'open':>14}"
            print(f"{number:<8}{exercise.name:<32}{shown}")
    exact = total - len(misnamed)
    print(f"{'':<8}{'all':<32}{total:>14}{exact:>15}  {exact / total:.1%}")
    for name, sentence, got in misnamed:
        print(f"\n{name}: {sentence}\n  gets: {got}")


if __name__ == "__main__":
    main()
