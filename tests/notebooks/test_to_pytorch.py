"""Notebook 14: twelve pairs, ours and PyTorch's. It runs without PyTorch; with it, a mistake in any pair is found."""

import ast
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from unrolled.cells import convert

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
# In each section mistakes that a reader makes: (part of a cell, what is there in its place).
MISTAKES = {
    "What is called what": [("nn.Linear(D, N, bias=False)", "nn.Linear(D, N, bias=False).double()")],
    "Parameters and packing": [
        ("zip((i, f, g, o), their_gates)", "zip((i, f, o, g), their_gates)"),
        (
            "begin = torch.tensor(h_0[None]), torch.tensor(c_0[None])",
            "begin = torch.tensor(c_0[None]), torch.tensor(h_0[None])",
        ),
        ("_, (h_1, c_1) = one_lstm", "_, (c_1, h_1) = one_lstm"),
    ],
    "RNN, LSTM and GRU": [
        ('zero, **cells["gru"]', 'zero, **cells["gru"] | {"b_hn": np.zeros(H)}'),
        ('lasts = last if name == "lstm"', 'lasts = last[::-1] if name == "lstm"'),
    ],
    "batch_first": [
        ("nn.RNN(D, H, batch_first=True)", "nn.RNN(D, H)"),
        ("_, wrong_last = forgot(x)", "_, wrong_last = batched(x)"),
    ],
    "Sequences of many lengths": [
        ("agree(hs[-1], h_last[0])", "agree(hs[-1], padded[-1])"),
        ("agree(hs[-1], h_last[0])", "agree(hs[-1], h_last[0][[1, 2, 0]])"),  # by length, not in your order
        ("np.array([2, 5, 3])", "np.array([5, 3, 2])"),
        ("(packed_output, total_length=T)", "(packed_output)"),
        ("ragged_lstm(packed_x)[0], **first_axis)", "ragged_lstm(packed_x)[0])"),
    ],
    "detach, and truncation": [
        ("torch.tensor(xs[3:]), h_end.detach())", "torch.tensor(xs[3:]), h_end)"),
        ("(h_end, h_end.detach())", "(h_end, h_end.clone())"),
    ],
    "Clipping": [
        ("clip_grad_norm_(parameters, 1.0)", "clip_grad_norm_(parameters, 1.01)"),
        ("(1 + 1e-6 / norm)", "1"),
        (", error_if_nonfinite=True", ""),
    ],
    "First weights": [
        ("large_lstm.bias_ih_l0[200:400]", "large_lstm.bias_ih_l0[400:600]"),
        ("forget = torch.sigmoid(large_lstm.bias_ih_l0", "forget = torch.sigmoid(1 + large_lstm.bias_ih_l0"),
        ("(torch.empty(800, 200)).chunk(4)", "(torch.empty(200, 200)).chunk(1)"),
    ],
    "Two directions, many layers": [
        ('"lstm", lower, upper)\n', '"lstm", dict(zip(directions[::-1], lower.values())), upper)\n'),
        ("enumerate((h_n, c_n))", "enumerate((c_n, h_n))"),
        ("torch.cat([h_n[-2], h_n[-1]], dim=1)", "stack_output[-1]"),
        ("torch.cat([h_n[-2], h_n[-1]], dim=1)", "torch.cat([h_n[-1], h_n[-2]], dim=1)"),
        ("one_read[0], both_read[-1, :, H:]", "one_read[0], both_read[0, :, H:]"),
        ("pack_padded_sequence(noisy, counts,", "pack_padded_sequence(noisy, torch.tensor([T] * N),"),
        ("lambda ys: 0 * ys", "lambda ys: ys"),
    ],
    "Embedding": [
        ("vectors = table(torch.tensor(tokens))", "vectors = table(torch.tensor(tokens.T))"),
        ("freeze=False, padding_idx=0", "freeze=False, padding_idx=1"),
    ],
    "Cross-entropy with a mask": [
        ("np.where(inside, targets, -100)", "np.where(inside, targets, 0)"),
        ("class_scores.reshape(-1, V), marked.reshape(-1)", "class_scores.reshape(-1, V), marked.T.reshape(-1)"),
        ("class_scores.reshape(T, V, N)", "scores"),
        ("scores.softmax(dim=1)", "scores.log_softmax(dim=1)"),
    ],
    "A step of the optimizer": [
        ("module.bias_hh_l0.requires_grad_(False)", "module.bias_hh_l0.requires_grad_(True)"),
        ("            optimizer.zero_grad()\n            (module", "            (module"),
        ('"alpha": 0.95', '"alpha": 0.99'),
        ("decays_as_ours == (kind is torch.optim.AdamW)", "decays_as_ours == (kind is torch.optim.Adam)"),
        ("== (steps == 1)", "== (steps >= 1)"),
        ('np.hypot(global_norm(dW), np.linalg.norm(dW["b_h"]))', "global_norm(dW)"),
        ("torch.tensor([0.0, 0.0, 1.0])", "torch.tensor([0.0, 0.0, 0.0])"),
    ],
    "Saving and loading, both ways": [
        ('layers_of("lstm", loaded)', 'layers_of("lstm", loaded.float())'),
        ("torch.save(saved, path)", "torch.save(saved.state_dict(), path)"),
        ('*layers_of("gru", fresh)', '*layers_of("gru", nn.GRU(D, H).double())'),
        ("optim.load_state_dict(kept_adam)", "pass"),
    ],
    "A training loop": [
        ("tuple(s.detach() for s in their_state)", "None"),  # the state is not carried on
        ("limit = LARGEST * norms[-1] / (norms[-1] + 1e-6)", "limit = LARGEST"),
        ("deaf.eval()", "deaf.train()"),
        ("deaf.train()", "deaf.eval()"),
        ("with torch.no_grad():", "with torch.enable_grad():"),
    ],
}


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


@pytest.mark.slow
def test_it_runs_with_pytorch(torch, capsys):
    scope = run(SOURCES.values())
    assert len(scope["their_losses"]) == len(scope["losses"]) == 40
    assert "step   ours     PyTorch's" in capsys.readouterr().out


def first_failure(sources):
    """The section of the first cell that fails, or None."""
    section = {cell.id: title for title, cells in sections().items() for cell in cells}
    scope = {}
    for name, source in zip(SOURCES, sources):
        try:
            exec(compile(source, name, "exec"), scope)
        except (AssertionError, RuntimeError, IndexError, ValueError):
            return section[name]
    return None


PLANTED = [(title, *mistake) for title, mistakes in MISTAKES.items() for mistake in mistakes]


@pytest.mark.slow
@pytest.mark.parametrize("title, old, new", PLANTED)
def test_a_mistake_is_found_in_its_section(torch, title, old, new):
    assert first_failure(with_mistake(old, new)) == title


def test_each_pair_has_a_mistake_planted():
    assert MISTAKES.keys() >= {*PAIRS, "A training loop"}


def test_a_false_order_of_the_gates_is_found_in_both_directions(torch, monkeypatch):
    """Converter and comparison agree on g, f, o, i: one step of PyTorch's own does not."""
    monkeypatch.setattr(convert, "_reorder", lambda W, cell, gates: turned(W, gates))
    assert first_failure(with_mistake("zip((i, f, g, o), their_gates)", "zip((g, f, o, i), their_gates)")) == PAIRS[0]


def turned(W, gates):
    """i, f, o, g to g, f, o, i, or back, where there are four gates."""
    parts = np.split(W, gates, axis=-1)
    return np.concatenate([parts[3], *parts[1:3], parts[0]] if gates == 4 else parts, axis=-1)
