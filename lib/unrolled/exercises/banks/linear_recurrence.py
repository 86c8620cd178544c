"""Linear recurrences: one pass of a scan."""

from unrolled.cells.linear_recurrence import join
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


def join_all(a, b, reach):
    """Join each step (a_t, b_t) with the one `reach` before it; the first `reach` stay -> the new a, b (T, H)"""
    a, b = a.copy(), b.copy()
    a[reach:], b[reach:] = join((a[:-reach], b[:-reach]), (a[reach:], b[reach:]))
    return a, b


def scan_step(a, b, reach):
    """Join each step (a_t, b_t) with the one `reach` before it; the first `reach` stay -> the new a, b (T, H)"""
    a_new, b_new = a.copy(), b.copy()
    a_new[reach:] = a[reach:] * a[:-reach]
    b_new[reach:] = a[reach:] * b[:-reach] + b[reach:]
    return a_new, b_new


def _case(rng, joined, H, reach):
    """T = reach + joined steps: the first `reach` stay."""
    T = reach + joined
    return {"a": rng.uniform(-1.5, 1.5, (T, H)), "b": rng.standard_normal((T, H)), "reach": reach}


A, B = "a[reach:] * a[:-reach]", "a[reach:] * b[:-reach] + b[reach:]"
FIRST_A, FIRST_B = f"a_new[reach:] = {A}", f"b_new[reach:] = {B}"
SCAN_STEP = Exercise(
    name="scan_step",
    statement="Make one pass of a scan: join each step with the one `reach` before it; the first `reach` steps stay.",
    reference=join_all,
    shown=scan_step,
    case=_case,
    results=("a", "b"),
    hints=(
        "Put h → a_1 h + b_1 into h → a_2 h + b_2. What stands before h, and what is left?",
        "Step t is the later one: a_t a_{t-reach} and a_t b_{t-reach} + b_t. a[reach:] are the later ones, a[:-reach] "
        "the earlier ones.",
        "On copies: a_new[reach:] = a[reach:] * a[:-reach]; b_new[reach:] = a[reach:] * b[:-reach] + b[reach:].",
    ),
    wrong=mutants(
        scan_step,
        ("the earlier a multiplies the later b: the later a multiplies what came before", B,
         "a[:-reach] * b[reach:] + b[:-reach]"),
        ("the earlier a multiplies the earlier b: it went through the later step, so a[reach:] does", B,
         "a[:-reach] * b[:-reach] + b[reach:]"),
        ("b of the two steps is added, without an a: the later a multiplies the earlier b", B,
         "b[:-reach] + b[reach:]"),
        ("b of the later step is left out: it is added", B, "a[reach:] * b[:-reach]"),
        ("b of the earlier step is left out: the later a multiplies it", FIRST_B, "pass"),
        ("a is not joined: the factors of both steps are multiplied", FIRST_A, "pass"),
        ("the factors are added: they are multiplied", A, "a[reach:] + a[:-reach]"),
        ("the earlier factor stands alone: both are multiplied", A, "a[:-reach] + 0 * a[reach:]"),
        ("b is joined with the a of this pass: with that of the pass before it", B,
         "a_new[reach:] * b[:-reach] + b[reach:]"),
        ("every second step alone is joined, as in the tree: every step from `reach` on is joined", FIRST_A,
         FIRST_A.replace("reach:]", "reach :: 2 * reach]").replace(":-reach]", ":-reach:2 * reach]"), FIRST_B,
         FIRST_B.replace("reach:]", "reach :: 2 * reach]").replace(":-reach]", ":-reach:2 * reach]")),
        ("neighbours are joined to pairs, and half of the steps is left, as in the tree: all T steps stay",
         "return a_new, b_new", "return a[1::2] * a[:-1:2], a[1::2] * b[:-1:2] + b[1::2]"),
        ("the b are multiplied with each other: the later a multiplies the earlier b", B,
         "b[reach:] * b[:-reach] + b[reach:]"),
        ("each step is joined with the one right before it: with the one `reach` before it",
         "a_new, b_new = a.copy(), b.copy()", "a_new, b_new, reach = a.copy(), b.copy(), 1"),
        ("each step is joined with the one twice as far before it: `reach` before",
         "a_new, b_new = a.copy(), b.copy()",
         "a_new, b_new, reach = a.copy(), b.copy(), min(2 * reach, len(a) - 1)"),
        ("the first `reach` steps are 0: they stay as they were", "a_new, b_new = a.copy(), b.copy()",
         "a_new, b_new = 0 * a, 0 * b"),
        ("the first `reach` steps are cut off: they stay, so that there are T steps", "return a_new, b_new",
         "return a_new[reach:], b_new[reach:]"),
        ("the first steps are joined with the last ones, as by np.roll: they stay as they were",
         "return a_new, b_new", "return a * a.take(range(-reach, len(a) - reach), 0, mode='wrap'), a * "
         "b.take(range(-reach, len(a) - reach), 0, mode='wrap') + b"),
        ("it is joined with the step `reach` after it: with the one before it", "return a_new, b_new",
         "return (np_a := a.copy(), np_b := b.copy(), np_a.__setitem__(slice(None, -reach), a[:-reach] * a[reach:]), "
         "np_b.__setitem__(slice(None, -reach), a[:-reach] * b[reach:] + b[:-reach]))[:2]"),
        ("all passes are made, as by a loop that reads what it has just written: one pass, which reads the old a and b",
         "return a_new, b_new",
         "return scan_step(a_new, b_new, 2 * reach) if 2 * reach < len(a) else (a_new, b_new)"),
        ("a and b have changed places: a, then b", "return a_new, b_new", "return b_new, a_new"),
    ),
)  # fmt: skip

EXERCISES = (SCAN_STEP,)
