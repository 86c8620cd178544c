"""What an answer gave in every case, beside the right results: what each sentence about it has to agree with."""

import numpy as np

from unrolled.exercises.answers import is_close

LEAST = 1e-6  # a difference that is none, however small the numbers are


class Evidence:
    """The answers to all cases, the right ones, and the number of the first result that is wrong (None: it raised)."""

    def __init__(self, exercise, cases, mine, right, place):
        self.exercise, self.cases, self.mine, self.right, self.place = exercise, cases, mine, right, place
        places = range(len(exercise.results))
        self.is_right = [
            [bool(m.results) and is_right(m.results[j], r.results[j]) for j in places] for m, r in zip(mine, right)
        ]
        self.always = [j for j in places if all(row[j] for row in self.is_right)]

    def find_wrong(self, at):
        """The numbers of the cases in which a result is wrong, or is not there."""
        return [n for n, row in enumerate(self.is_right) if not row[at]]

    def pairs(self, at):
        """(mine, right) in each case that gave numbers, of one result."""
        return [(m.results[at], r.results[at]) for m, r in zip(self.mine, self.right) if m.results]

    def agrees(self, answer, at=None, finite=False, square=False):
        """In how many results another answer, answer(n) in case n, is this one everywhere; 0 where it is not this one.

        at: the result in which they must agree; None for every one. The other must give the same numbers wherever this
        one is wrong, and be right wherever it is right. What raises agrees with what raises the same kind of error.
        finite: wrong numbers must agree somewhere. square: they must agree where all sizes are the same and above 1;
        elsewhere one may stop, or give another shape, where the other does not, because one way to write a mistake
        broadcasts where another raises.
        """
        places = range(len(self.exercise.results))
        asked = places if at is None else [at]
        alike, seen = set(places), False
        for n in self.order(at):
            m, t = self.mine[n], answer(n)
            if square and not _is_square(self.cases[n][0]) and not _is_comparable(m, t, at):
                if self.is_right[n][at or 0] or (
                    t.results and is_right(t.results[at or 0], self.right[n].results[at or 0])
                ):
                    return 0
                continue
            if not m.results or not t.results:
                if m.results or t.results or m.error is not t.error:
                    return 0
                continue
            for j in sorted(places, key=lambda j: j not in asked):  # what is asked first: most others fail there
                same = is_same(m.results[j], t.results[j])
                right = same and self.is_right[n][j] or is_right(t.results[j], self.right[n].results[j])
                if j in asked:
                    if not same and not (self.is_right[n][j] and right):
                        return 0
                    seen = seen or (not self.is_right[n][j] and not (finite and not self._tells(m.results[j], n, j)))
                elif j in self.always and not right:
                    return 0
                if not same:
                    alike.discard(j)
        return 1 + len(alike) if seen or (not finite and self._raises_alike(answer)) else 0

    def _tells(self, m, n, j):
        """Whether a wrong result holds a number that is wrong, and not inf or NaN alone, which many a mistake gives."""
        r = self.right[n].results[j]
        return m.shape != r.shape or not is_close(np.where(np.isfinite(m), m, r), r, LEAST)

    def _raises_alike(self, answer):
        """Whether both give no number in any case, and say the same each time."""
        return all(m.trouble and cut(m.trouble) == cut(answer(n).trouble) for n, m in enumerate(self.mine))

    def order(self, at=None):
        """The numbers of the cases, from the one that tells most: wrong, with numbers, at the largest sizes."""
        at = self.place or 0 if at is None else at
        return sorted(range(len(self.cases)), key=lambda n: (self.is_right[n][at], not self.mine[n].results, -n))


def _is_square(sizes):
    return len(set(sizes.values())) == 1 and min(sizes.values()) > 1


def _is_comparable(m, t, at):
    """Whether two answers gave numbers of the same shape."""
    shapes = lambda answer: [result.shape for j, result in enumerate(answer.results) if at in (None, j)]
    return bool(m.results and t.results) and shapes(m) == shapes(t)


def is_right(m, r):
    """Whether a result is right: its shape, and its numbers."""
    return m.shape == r.shape and is_close(m, r, least=LEAST)


def is_same(m, t):
    """Whether two wrong results are the same: they have to agree to the last digits."""
    return m.shape == t.shape and is_close(m, t)


def cut(trouble):
    """What is wrong, without the line of the reader's that is quoted."""
    return trouble.partition(", in the line `")[0]
