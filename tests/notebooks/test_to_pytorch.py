"""Notebook 14: twelve pairs, ours and PyTorch's. It runs without PyTorch; with it, a mistake in any pair is found."""

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest

CELLS = nbformat.read(Path(__file__).parents[2] / "notebooks" / "14_to_pytorch.ipynb", as_version=4).cells
SOURCES = {cell.id: cell.source for cell in CELLS if cell.cell_type == "code"}
PAIRS = [
    "Parameters and packing",
    "RNN, LSTM and GRU",
    "batch_first",
    "Sequences of many lengths",
    "detach, and truncation",
    "Clipping",
    "First weights",
    "Two directions, many layers",
    "Embedding",
    "Cross-entropy with a mask",
    "A step of the optimizer",
    "Saving and loading, both ways",
]
# In each pair a mistake that a reader makes: (part of a cell, what is there in its place).
MISTAKES = [
    ("zip((i, f, g, o), their_gates)", "zip((i, f, o, g), their_gates)"),
    ('zero, **cells["gru"]', 'zero, **cells["gru"] | {"b_hn": np.zeros(H)}'),
    ("nn.RNN(D, H, batch_first=True)", "nn.RNN(D, H)"),
    ("agree(hs[-1], h_last[0])", "agree(hs[-1], padded[-1])"),
    ("h_end.detach())", "h_end)"),
    ("clip_grad_norm_(parameters, 1.0)", "clip_grad_norm_(parameters, 1.01)"),
    ("large_lstm.bias_ih_l0.data[200:400]", "large_lstm.bias_ih_l0.data[400:600]"),
    ('"lstm", lower, upper)\n', '"lstm", dict(zip(directions[::-1], lower.values())), upper)\n'),
    ("vectors = table(torch.tensor(tokens))", "vectors = table(torch.tensor(tokens.T))"),
    ("np.where(inside, targets, -100)", "np.where(inside, targets, 0)"),
    ("adam_rnn.bias_hh_l0.requires_grad_(False)", "adam_rnn.bias_hh_l0.requires_grad_(True)"),
    ('layers_of("lstm", loaded)', 'layers_of("lstm", loaded.float())'),
]
LOOP = ("tuple(s.detach() for s in their_state)", "None")  # the state is not carried on


def sections():
    """{title: its cells} of the numbered sections, in order."""
    found = {}
    for cell in CELLS:
        heading = re.match(r"## (?:\d+\. )?(.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            found[heading[1]] = []
        if found:
            [*found.values()][-1].append(cell)
    return found


def only_with_torch(source):
    """Whether a cell is nothing but one `if torch:`."""
    body = ast.parse(source).body
    return len(body) == 1 and isinstance(body[0], ast.If) and ast.unparse(body[0].test) == "torch"


def run(sources):
    scope = {}
    for source in sources:
        exec(compile(source, "notebook 14", "exec"), scope)
    return scope


def with_mistake(old, new):
    """The notebook with one part of one cell replaced."""
    assert sum(source.count(old) for source in SOURCES.values()) == 1, old
    return [source.replace(old, new) for source in SOURCES.values()]


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed (an extra of its own: make test TORCH=1)")


def test_it_has_a_table_of_names_twelve_pairs_in_order_and_a_training_loop():
    titles = [*sections()]
    assert titles == ["What is called what", *PAIRS, "A training loop", "Recap", "On your own", "Papers"]
    assert "| here | in PyTorch | what differs |" in sections()["What is called what"][0].source


@pytest.mark.parametrize("title", PAIRS)
def test_a_pair_is_a_text_ours_theirs_and_an_assert(title):
    _, ours, theirs, *rest = sections()[title]
    assert not only_with_torch(ours.source)
    compared = [cell.source for cell in rest if cell.cell_type == "code"]
    assert all(map(only_with_torch, [theirs.source, *compared]))
    assert any(re.search(r"\b(agree|assert|assert_allclose)\b", source) for source in compared)


def test_it_runs_to_the_end_without_pytorch_and_says_so(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run(SOURCES.values())["torch"] is None
    assert capsys.readouterr().out.startswith("PyTorch is not installed here")


def test_it_runs_with_pytorch(torch, capsys):
    scope = run(SOURCES.values())
    assert len(scope["their_losses"]) == len(scope["losses"]) == 40
    assert "step   ours     PyTorch's" in capsys.readouterr().out


@pytest.mark.parametrize("old, new", [*MISTAKES, LOOP], ids=[*PAIRS, "A training loop"])
def test_a_mistake_in_a_pair_is_found_there(torch, old, new):
    """The first cell that fails stands in the section of the mistake."""
    changed = with_mistake(old, new)
    scope, section = {}, {cell.id: title for title, cells in sections().items() for cell in cells}
    where = {section.get(name) for name, source in SOURCES.items() if old in source}
    for name, source in zip(SOURCES, changed):
        try:
            exec(compile(source, name, "exec"), scope)
        except (AssertionError, RuntimeError):
            assert {section[name]} == where
            return
    pytest.fail("no cell fails")
