"""What a reader meets: check, hint, solution, progress."""

import ast
import functools
import json
import os
import re
from itertools import permutations
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest

from tests.patience import patience
from unrolled.environment import progress_path
from unrolled.exercises import EXERCISES, LESSONS, _state, check, hint, progress, solution
from unrolled.exercises.diagnosis import format_small
from unrolled.exercises.solutions import solution_source


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The reader's progress, in a place of the test's own, and a session that has just begun."""
    path = tmp_path / "deep" / "progress.json"
    monkeypatch.setenv("UNROLLED_PROGRESS", str(path))
    _state.update(last=None, wrong=False, hints={})
    return path


def my_rnn_step(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)


def no_bias(x, h_prev, W_xh, W_hh, b_h):
    print("z", x.shape)
    return np.tanh(x @ W_xh + h_prev @ W_hh)


def stub(x, h_prev, W_xh, W_hh, b_h):
    raise NotImplementedError


def in_one_line(capsys):
    """What was printed, as if the line were as long as it likes."""
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_said_breaks_between_words_in_lines_of_80(name, capsys):
    """JupyterLab breaks a longer line anywhere. Arrays are indented, and a formula without a space is one word."""
    getattr(check, name)(lambda *arguments, **named: (_ for _ in ()).throw(NotImplementedError))
    for _ in range(4):
        hint(name)
    progress()
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_stub_is_not_attempted_and_leaves_no_trace(capsys, file):
    check.rnn_step(stub)
    assert in_one_line(capsys) == 'Not attempted, rnn_step: hint("rnn_step") helps, solution("rnn_step") shows ours.'
    assert not file.exists()


def test_a_wrong_answer_gets_both_numbers_its_name_the_input_and_what_it_printed(capsys, file):
    check.rnn_step(no_bias)
    first, second, *lines = capsys.readouterr().out.splitlines()
    (_, arguments), *_ = EXERCISES["rnn_step"].cases()
    mine, right = (f(**arguments)[0, 0] for f in (no_bias, my_rnn_step))
    capsys.readouterr()
    assert f"{first} {second}" == (
        f"Not yet, rnn_step: you gave h[0, 0] = {mine:.6g}, and it should be {right:.6g} (at N = 1, D = 1, H = 1)."
    )
    assert lines[:3] == [
        "Your mistake: b_h is missing.",
        "Remember: it is added before tanh.",
        "The smallest input that shows it:",
    ]
    assert [line.split(" = ")[0] for line in lines[3:-1]] == [f"    {name}" for name in arguments]
    shown = [np.array(ast.literal_eval(line.split(" = ")[1])) for line in lines[3:-1]]
    assert all(np.allclose(s, a, atol=1e-6) for s, a in zip(shown, arguments.values()))
    assert lines[-1] == "It printed: z (1, 1)"
    assert json.loads(file.read_text()) == {"rnn_step": False}


def test_what_is_said_by_the_first_sentence_is_not_said_again_empty(capsys):
    """A list with None in it: the mistake is named at once, and no line stands below it without a mistake."""
    check.align(lambda source, target: [None] * len(target))
    said = in_one_line(capsys)
    assert "the list holds None, which is no number: a place word has -1." in said
    assert "Your mistake" not in said
    assert "Remember" not in said


def test_a_right_answer_says_what_was_tried(capsys, file):
    check.rnn_step(my_rnn_step)
    assert capsys.readouterr().out == "Right, rnn_step: for all 14 combinations of sizes tried.\n"
    assert json.loads(file.read_text()) == {"rnn_step": True}
    check.rnn_step(no_bias)
    assert json.loads(file.read_text()) == {"rnn_step": True}, "what was right once stays right"


def test_hints_go_on_level_by_level_to_the_third(capsys):
    check.count(lambda D, H, O: 0)
    capsys.readouterr()
    hints = [f"Hint {level} of 3 to count: {text}" for level, text in enumerate(EXERCISES["count"].hints, start=1)]
    for output in [*hints, hints[-1] + ' There are no more hints. solution("count") shows ours.']:
        hint()
        assert in_one_line(capsys) == output
    hint(my_rnn_step)
    hint("rnn_step")
    assert re.findall(r"Hint \d of 3", capsys.readouterr().out) == ["Hint 1 of 3", "Hint 2 of 3"]


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
def test_the_first_hint_says_more_than_the_statement(exercise):
    words = lambda text: set(re.findall(r"[a-z_]{3,}|\d+", text.lower())) - {"the", "and", "for", "one"}
    hint, statement = map(words, (exercise.hints[0], exercise.statement))
    assert 2 * len(hint & statement) < len(hint), sorted(hint & statement)


def test_a_stub_below_a_wrong_answer_does_not_take_its_hint(capsys):
    """One cell often checks several answers, and the last of them is not begun."""
    check.count(lambda D, H, O: 0)
    check.rnn_step(stub)
    hint()
    assert "Hint 1 of 3 to count: " in capsys.readouterr().out
    check.count(EXERCISES["count"].reference)
    check.rnn_step(stub)
    hint()
    assert "Hint 1 of 3 to rnn_step: " in capsys.readouterr().out


def test_an_input_that_is_not_small_is_not_printed():
    big = {"x": np.zeros(1000), "n": 3}
    assert format_small(big) == ""
    assert format_small({"x": np.zeros(2), "n": 3, "s": "ab"}) == "x = [0., 0.]\nn = 3\ns = 'ab'"


NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@functools.cache
def lessons():
    """{exercise: (the source of the imports of the notebook that has it, its stub's name)}"""
    found = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        imports = "\n".join(cell.source for cell in cells if "imports" in cell.metadata.get("tags", []))
        for cell in cells:
            found |= {name: (imports, stub) for name, stub in re.findall(r"^check\.(\w+)\((\w+)", cell.source, re.M)}
    return found


@functools.cache
def imported(imports):
    """What the imports of a notebook bring."""
    namespace = {}
    nodes = [node for node in ast.parse(imports).body if isinstance(node, ast.Import | ast.ImportFrom)]
    exec("\n".join(map(ast.unparse, nodes)), namespace)
    return namespace


@pytest.mark.slow
@pytest.mark.parametrize("name", EXERCISES)
def test_a_solution_runs_below_the_imports_of_its_lesson_and_is_right(name, capsys):
    imports, stub = lessons()[name]
    solution(name)
    namespace = dict(imported(imports))
    exec(compile(capsys.readouterr().out, f"<solution of {name}>", "exec"), namespace)
    getattr(check, name)(namespace[stub])
    assert capsys.readouterr().out.startswith(f"Right, {name}")


def _lines(name):
    """What a solution computes, line by line, also inside of its functions; short lines say nothing."""
    kinds, tree = (ast.Assign, ast.AugAssign, ast.Return), ast.parse(solution_source(EXERCISES[name]))
    return {line for node in ast.walk(tree) if isinstance(node, kinds) and len(line := ast.unparse(node)) > 12}


def test_no_solution_gives_another_exercise_away():
    found = {name: _lines(name) for name in EXERCISES}
    away = [(a, b) for a, b in permutations(found, 2) if found[b] and 2 * len(found[a] & found[b]) > len(found[b])]
    assert away == [], "more than half of the second stands in the first"


@pytest.mark.slow
def test_a_solution_tells_where_its_names_come_from():
    assert solution_source(EXERCISES["first_step"]).startswith("def my_first_step(x, h_prev):\n")
    text = solution_source(EXERCISES["clip_by_norm"])
    assert text.startswith("from unrolled.autodiff.trees import tree_map\nfrom unrolled.learning.optimizers import ")
    assert " import global_norm\n\n\ndef my_clip_by_norm(grads, max_norm):\n" in text
    assert "np.tanh(x @ W_xh + h_prev @ W_hh + b_h)" in solution_source(EXERCISES["rnn_step"])
    assert not [name for name in EXERCISES if "def pullback" in solution_source(EXERCISES[name])]


def test_names_that_are_not_there_are_told_with_the_nearest():
    with pytest.raises(AttributeError, match=r"there is no exercise 'rnn_stp'; did you mean rnn_step\? There are: "):
        check.rnn_stp(my_rnn_step)
    with pytest.raises(ValueError, match="there is no exercise 'q'; There are|there is no exercise 'q'"):
        hint("q")
    with pytest.raises(ValueError, match=r'name an exercise, hint\("first_step"\): none was checked yet'):
        hint()
    with pytest.raises(TypeError, match="window takes no lag"):
        check.window(lambda: 8, lag=3)
    assert dir(check) == sorted(EXERCISES)
    assert not hasattr(check, "_repr_html_")
    assert check.count.__doc__ == EXERCISES["count"].statement


def test_progress_counts_the_right_ones_by_lesson(capsys):
    line = "Right so far: {} of {} exercises (lesson 00: 0/1, 01: {}/5, 02: 0/10, "
    progress()
    assert in_one_line(capsys).startswith(line.format(0, len(EXERCISES), 0))
    check.rnn_step(my_rnn_step)
    capsys.readouterr()
    progress()
    assert in_one_line(capsys).startswith(line.format(1, len(EXERCISES), 1))


def test_a_lessons_number_and_its_share_stand_in_one_line(capsys):
    progress()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert sum(len(re.findall(r"\d\d: \d+/\d+", line)) for line in lines) == len(LESSONS)


def test_progress_that_was_written_before_the_move_still_counts(file, capsys):
    """progress_before_the_move.json is what the code of the time wrote: of three exercises each third is not right."""
    file.parent.mkdir()
    old = Path(__file__).with_name("progress_before_the_move.json").read_text("utf-8")
    file.write_text(old, "utf-8")
    done = json.loads(old)
    assert set(done) <= set(EXERCISES)
    progress()
    line = f"Right so far: {sum(done.values())} of {len(EXERCISES)} exercises (lesson 00: 1/1, 01: 4/5, 02: 6/10, "
    assert in_one_line(capsys).startswith(line)
    check.rnn_step(no_bias)
    check.jordan_step(EXERCISES["jordan_step"].reference)
    assert json.loads(file.read_text()) == done | {"jordan_step": True}, "what was right stays right"


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"rnn_step": "yes"}', "\x00\xff", "[" * 100_000])
def test_a_damaged_file_is_a_warning_and_is_put_aside(damage, file, capsys):
    file.parent.mkdir()
    file.write_text(damage, "latin-1")
    with pytest.warns(UserWarning, match="cannot be read"):
        progress()
    assert "Right so far: 0" in capsys.readouterr().out
    with pytest.warns(UserWarning, match="put aside"):
        check.rnn_step(my_rnn_step)
    assert json.loads(file.read_text()) == {"rnn_step": True}
    assert file.with_suffix(".damaged").read_text("latin-1") == damage, "nothing is lost"


def test_a_file_that_cannot_be_written_is_a_warning(monkeypatch, tmp_path, capsys):
    (tmp_path / "taken").write_text("no folder")
    monkeypatch.setenv("UNROLLED_PROGRESS", str(tmp_path / "taken" / "progress.json"))
    with pytest.warns(UserWarning, match="cannot be kept"):
        check.rnn_step(my_rnn_step)
    assert capsys.readouterr().out.startswith("Right")


def test_a_write_that_is_broken_off_leaves_the_old_file(monkeypatch, file):
    check.rnn_step(my_rnn_step)
    before = file.read_text()

    def full(*args):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(UserWarning, match="no space left"):
        check.count(lambda D, H, O: 0)
    assert file.read_text() == before
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


def test_without_the_variable_the_file_lies_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("UNROLLED_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert progress_path() == tmp_path / "unrolled" / "progress.json"


HOSTILE = """
from unrolled.exercises import EXERCISES, check, hint, progress
object.__setattr__(EXERCISES["rnn_step"], "seconds", 0.5)
def f(x, h_prev, W_xh, W_hh, b_h):
    try:
        while True: pass
    except: pass
    while True: pass
check.rnn_step(f)
def f(x, h_prev, W_xh, W_hh, b_h):
    return [0] * 10**10
check.rnn_step(f)
def f(x, h_prev, W_xh, W_hh, b_h):
    raise SystemExit
check.rnn_step(f)
def f(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x)
check.rnn_step(f)
hint()
progress()
"""


@pytest.mark.slow
def test_in_a_real_kernel_the_kernel_lives(monkeypatch, file):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(HOSTILE), nbformat.v4.new_code_cell("1 + 1")])
    nbclient.NotebookClient(notebook, timeout=round(60 * patience())).execute()
    outputs, alive = (cell.outputs for cell in notebook.cells)
    printed = " ".join("".join(output.text for output in outputs).split())
    said = re.split(r" (?=Not yet, |Hint |Right so far)", printed)
    assert [those[:40] for those in said[:4]] == [
        "Not yet, rnn_step: it was stopped, becau",
        "Not yet, rnn_step: it asked for more tha",
        "Not yet, rnn_step: it raised SystemExit ",
        "Not yet, rnn_step: it raised NameError: ",
    ]
    assert "name 'np' is not defined, in the line `return np.tanh(x)`" in said[3]
    assert said[4].startswith("Hint 1 of 3 to rnn_step: ")
    assert said[5].startswith("Right so far: 0 of")
    assert alive[0].data["text/plain"] == "2"
