"""The bug clinic: each program trains, ill or sound; a test finds what is wrong; a diagnosis says it."""

import ast
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.cells.gru import gru_step
from unrolled.cells.lstm import lstm_step
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic import CASES, PATIENTS
from unrolled.exercises.mistakes import source_of
from unrolled.widgets import predict

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = pytest.mark.parametrize("name", CASES)
ILL = pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.bug])
# In these the bug lies between the part and its own way back; in the others it breaks some other law.
FOUND_BY_GRADCHECK = {
    "x for s", "no transpose", "no local error", "old slope", "= for +=", "lookup", "gate order", "one path",
    "z for 1 - z", "not past the gates", "reset of what",
}  # fmt: skip
SOUND = [
    "sound rnn",
    "columns",
    "at once",
    "sound loss",
    "lookup by letter",
    "PyTorch's order",
    "the other z",
    "sound gru",
]
TOO_GOOD = {"mean with a mask", "what is predicted", "held out", "always something new"}  # lower than is honest


def test_twenty_are_ill_and_nearly_a_third_is_sound():
    assert sum(bool(case.bug) for case in CASES.values()) == 20
    assert [name for name, case in CASES.items() if not case.bug] == sorted(
        [*SOUND, "held out, honestly"], key=list(CASES).index
    )
    assert len(CASES) == 29


def test_the_patients_have_numbers_without_gaps_and_the_page_shows_each_once():
    assert list(PATIENTS) == list(range(1, len(CASES) + 1))
    page = "".join(cell.source for cell in nbformat.read(NOTEBOOKS / "clinic.ipynb", as_version=4).cells)
    assert [int(n) for n in re.findall(r"PATIENTS\[(\d+)\]", page)] == list(PATIENTS)
    assert [int(n) for n in re.findall(r"### Case (\d+)", page)] == list(PATIENTS)


@pytest.mark.parametrize("lesson", ["03_bptt", "04_char_rnn", "08_lstm", "09_gru"])
def test_a_lessons_clinic_has_more_than_one_verdict(lesson):
    """Where all are ill, "right or wrong?" is no question."""
    page = "".join(cell.source for cell in nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells)
    cases = [PATIENTS[int(n)] for n in re.findall(r"PATIENTS\[(\d+)\]", page)]
    assert {bool(case.bug) for case in cases} == {True, False}


@ALL
def test_a_program_trains_for_a_while(name):
    """All losses are finite, and fall by a tenth at least: the curve alone does not tell ill from sound."""
    losses = CASES[name].losses
    assert np.isfinite(losses).all()
    assert losses.min() < 0.9 * losses[0]


@ILL
def test_the_bug_makes_a_difference_and_the_cure_undoes_it(name):
    case = CASES[name]
    assert not np.allclose(case.losses, case.mended_losses, rtol=1e-3)
    removed = [line[2:].strip() for line in case.cure.splitlines() if line.startswith("- ")]
    added = [line[2:].strip() for line in case.cure.splitlines() if line.startswith("+ ")]
    healthy = [line.strip() for line in source_of(case.healthy).splitlines()]
    assert removed or added
    assert all(line in healthy for line in added)
    assert all(line in case.source for line in removed)


@pytest.mark.parametrize("name", sorted(TOO_GOOD))
def test_a_loss_that_lies_is_lower_than_the_honest_one(name):
    case = CASES[name]
    assert case.losses[-1] < 0.7 * case.mended_losses[-1]


@pytest.mark.parametrize("name", sorted(FOUND_BY_GRADCHECK))
def test_gradcheck_finds_a_wrong_way_back(name):
    case = CASES[name]
    with pytest.raises(GradientError):
        gradcheck(case.part, *case.arguments())
    gradcheck(case.healthy, *case.arguments())


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_program_is_sound(name):
    case = CASES[name]
    gradcheck(case.part, *case.arguments())
    assert case.cure == "nothing to mend"
    np.testing.assert_array_equal(case.losses, case.train(case.part))


def test_an_examination_prints_the_report_or_what_fails(capsys):
    CASES["sound rnn"].examine(gradcheck)
    assert "W_hh" in capsys.readouterr().out
    CASES["= for +="].examine(gradcheck)
    assert capsys.readouterr().out.startswith("It fails: ")
    with pytest.raises(ZeroDivisionError):
        CASES["sound rnn"].examine(lambda part, *arguments: 1 / 0)


def test_a_held_out_loss_that_climbs_is_honest():
    case = CASES["held out, honestly"]
    learnt, test = case.part(*case.arguments())
    assert list(learnt) + list(test) == list(case.arguments()[0])
    assert case.losses[-1] > 1.05 * case.losses.min()


def test_the_sound_ones_are_the_librarys_in_other_words():
    """The same numbers from the same weights, once they stand in the same places."""
    x, h, c, W_xh, W_hh, b = CASES["PyTorch's order"].arguments()
    place = lambda a: np.concatenate([np.split(a, 4, axis=-1)[k] for k in (0, 1, 3, 2)], axis=-1)
    theirs = lstm_step(x, h, c, place(W_xh), place(W_hh), place(b))
    assert all(map(np.allclose, CASES["PyTorch's order"].part(x, h, c, W_xh, W_hh, b), theirs))
    x, h, W_xh, W_hh, b, b_n = CASES["the other z"].arguments()
    flip = lambda a: np.concatenate([k * part for k, part in zip((1, -1, 1), np.split(a, 3, axis=-1))], axis=-1)
    mine = CASES["the other z"].part(x, h, W_xh, W_hh, b, b_n)
    np.testing.assert_allclose(mine, gru_step(x, h, flip(W_xh), flip(W_hh), flip(b), b_n))
    xs, h, W_xh, W_hh, b = CASES["columns"].arguments()
    np.testing.assert_allclose(CASES["columns"].part(xs, h, W_xh, W_hh, b), rnn(xs, h, W_xh.T, W_hh.T, b))


def laws(part, name, arguments):
    """Whether the part keeps the law that gradcheck cannot see: what the clinic's page prints, as a test."""
    if name == "mean with a mask":
        nats, mask = arguments
        return np.isclose(part(nats, mask), part(np.append(nats, 9.0), np.append(mask, 0)))
    if name == "which axis":
        return np.allclose(part(*arguments).sum(axis=1), 1)
    if name == "chunk by chunk":
        loss, params, chunks, h, still = arguments
        whole = [np.concatenate(both) for both in zip(*chunks)]
        return np.isclose(np.mean(list(part(loss, params, chunks, h, still))), loss(params, *whole, h)[0], atol=1e-6)
    if name == "what is predicted":
        inputs, targets = part(*arguments)
        return list(targets) == [token + 1 for token in inputs]
    if name == "held out":
        return np.intersect1d(*part(*arguments)).size == 0
    if name == "clip and add":
        terms, limit = arguments
        step, mean = part(terms, limit), terms.mean(axis=0)
        return np.isclose(step @ mean, np.linalg.norm(step) * np.linalg.norm(mean))
    if name == "ever slower":
        return part(*arguments) >= 0
    if name == "always something new":
        stream = part(*arguments)
        return not np.array_equal(next(stream)[0], next(stream)[0])
    H = arguments[0]
    return (part(H)[H : 2 * H] == 1).all()  # wrong quarter


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case.bug and n not in FOUND_BY_GRADCHECK])
def test_what_gradcheck_does_not_see_breaks_a_law(name):
    case = CASES[name]
    assert laws(case.healthy, name, case.arguments())
    assert not laws(case.part, name, case.arguments())


@ALL
def test_the_questions_are_whole_and_every_choice_has_its_own_why(name):
    case = CASES[name]
    for question in (case.verdict, case.which):
        assert predict(**question).right is None
        assert len(set(question["choices"].values())) == len(question["choices"])
    assert case.verdict["answer"] == ("wrong" if case.bug else "right")
    assert len(case.which["choices"]) == 4


@ALL
def test_what_the_reader_reads_is_what_runs(name):
    case = CASES[name]
    (function,) = ast.parse(case.source).body
    assert ast.get_docstring(function)
    assert function.name == case.part.__name__
