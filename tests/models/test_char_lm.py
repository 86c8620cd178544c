"""The character model: its gradient, step against sequence, the sizes, what it learns, and its file."""

import numpy as np
import pytest

from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells import CELLS, stack_layers
from unrolled.data import corpora, folder
from unrolled.data.text import HELLO, batches, vocabulary
from unrolled.experiments.char_models import parts, table_of_counts
from unrolled.layers.dense import embedding, linear
from unrolled.layers.losses import cross_entropy
from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adagrad, Adam, clip_by_value
from unrolled.models import char_lm, ngram
from unrolled.models.decoding import greedy
from unrolled.models.files import Model, load, save
from unrolled.probes.units import ablate

V, H, T, N = 7, 5, 6, 3
TOKENS = np.random.default_rng(0).integers(V, size=(T, N))
TARGETS = np.random.default_rng(1).integers(V, size=(T, N))
SHAPES = [(D, layers) for D in (None, 4) for layers in (1, 2)]


def model(cell, D=None, layers=1, dtype=np.float64):
    return char_lm.init(np.random.default_rng(2), V, H, cell=cell, D=D, layers=layers, dtype=dtype)


def busy(params, seed=3):
    """A first state that is not 0."""
    rng = np.random.default_rng(seed)
    return tree_map(lambda h: 0.5 * rng.standard_normal(h.shape).astype(h.dtype), char_lm.start(params, N))


def rebuilt(params, values):
    values = iter(values)
    return tree_map(lambda _: next(values), params)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("D, layers", SHAPES)
def test_the_gradient_is_that_of_finite_differences(cell, D, layers):
    params = model(cell, D, layers)
    state, differentiate = busy(params), value_and_grad(char_lm.loss, has_aux=True)
    _, grads = differentiate(params, TOKENS, TARGETS, state)
    rng = np.random.default_rng(4)
    for (path, W), (_, g) in zip(leaves(params), leaves(grads)):
        direction, h = rng.standard_normal(W.shape), 1e-5
        losses = []
        for sign in (1, -1):
            moved = [w + sign * h * direction if p == path else w for p, w in leaves(params)]
            losses.append(char_lm.loss(rebuilt(params, moved), TOKENS, TARGETS, state)[0])
        slope = (losses[0] - losses[1]) / (2 * h)
        assert slope == pytest.approx(np.vdot(g, direction), rel=1e-6, abs=1e-9), path
    assert any(np.abs(g).max() > 1e-3 for _, g in leaves(grads))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("D, layers", SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_step_after_the_other_is_the_sequence(cell, D, layers, dtype):
    params = model(cell, D, layers, dtype)
    state = busy(params)
    value, last = char_lm.loss(params, TOKENS, TARGETS, state)
    logits = []
    stepped = state
    for tokens in TOKENS:
        each, stepped = char_lm.step(params, tokens, stepped)
        logits.append(each)
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    assert cross_entropy(np.stack(logits), TARGETS) == pytest.approx(value, rel=tolerance)
    sequences = char_lm.trace(params, TOKENS, state)
    for (_, a), (_, b), (_, c) in zip(leaves(last), leaves(stepped), leaves(sequences), strict=True):
        assert a.dtype == b.dtype == c.dtype == dtype
        np.testing.assert_allclose(a, b, atol=tolerance)
        np.testing.assert_array_equal(a, c[-1])
    np.testing.assert_allclose(np.stack(logits), linear(sequences[-1][0], **params["readout"]), atol=10 * tolerance)
    one, _ = char_lm.step(params, int(TOKENS[0, 1]), tree_map(lambda h: h[1:2], state))
    assert one.shape == (V,)
    np.testing.assert_allclose(one, logits[0][1], atol=tolerance)


def test_a_step_leaves_its_state_as_it_is():
    for cell in CELLS:
        params = model(cell, layers=2)
        state = busy(params)
        before = tree_map(np.copy, state)
        char_lm.step(params, TOKENS[0], state)
        for (_, a), (_, b) in zip(leaves(state), leaves(before)):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("D, layers", SHAPES)
def test_size_counts_every_number_and_hidden_for_goes_back(cell, D, layers):
    params = model(cell, D, layers)
    assert char_lm.size(params) == sum(W.size for _, W in leaves(params))
    assert char_lm.hidden_for(cell, V, char_lm.size(params), D=D, layers=layers) == H
    larger = char_lm.init(np.random.default_rng(0), V, H + 1, cell=cell, D=D, layers=layers)
    between = (char_lm.size(params) + char_lm.size(larger)) // 2
    assert char_lm.hidden_for(cell, V, between - 1, D=D, layers=layers) == H
    assert char_lm.hidden_for(cell, V, between + 1, D=D, layers=layers) == H + 1


def test_equal_parameters():
    sizes = []
    for cell in CELLS:
        of_cell = char_lm.hidden_for(cell, 65, 100_000)
        sizes.append(char_lm.size(char_lm.init(np.random.default_rng(0), 65, of_cell, cell=cell)))
    assert max(sizes) / min(sizes) < 1.01


def test_one_hot_vectors_pick_rows_of_W_xh():
    params = model("rnn")
    logits, ((h,),) = char_lm.step(params, 3, char_lm.start(params))
    np.testing.assert_allclose(h[0], np.tanh(params["rnn"][0]["W_xh"][3] + params["rnn"][0]["b_h"]))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("D, layers", SHAPES)
def test_a_table_of_products_gives_what_each_steps_product_gives(cell, D, layers):
    """(E W_xh + b_h)[tokens] = E[tokens] W_xh + b_h: the loss, the last states and every gradient."""
    params, state = model(cell, D, layers), busy(model(cell, D, layers))

    def by_steps(params, tokens, targets, state):
        xs = embedding(tokens, params["embedding"] if D else np.eye(V))
        ys, last = stack_layers(CELLS[cell].kernel, xs, state, params[cell])
        return cross_entropy(linear(ys, **params["readout"]), targets), last

    ours, theirs = (
        value_and_grad(loss, has_aux=True)(params, TOKENS, TARGETS, state) for loss in (char_lm.loss, by_steps)
    )
    for (path, a), (_, b) in zip(leaves(ours), leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13, err_msg=str(path))


def test_a_cell_without_a_recurrence_of_its_own_reads_the_same(monkeypatch):
    params = model("gru", 4, 2)
    whole = char_lm.loss(params, TOKENS, TARGETS, busy(params))[0]
    monkeypatch.setitem(CELLS, "gru", CELLS["gru"]._replace(recurrence=None))
    assert char_lm.loss(params, TOKENS, TARGETS, busy(params))[0] == pytest.approx(whole, rel=1e-12)


def test_first_weights():
    params = char_lm.init(np.random.default_rng(0), 30, 64, cell="lstm", D=16, layers=2)
    assert {W.dtype for _, W in leaves(params)} == {np.dtype(np.float32)}
    for layer in params["lstm"]:
        for block in np.split(layer["W_hh"], 4, axis=1):
            np.testing.assert_allclose(block.T @ block, np.eye(64), atol=1e-5)
        assert layer["b_h"].reshape(4, 64).mean(1).tolist() == [0, 1, 0, 0]
    assert params["lstm"][1]["W_xh"].shape == (64, 256)
    first = char_lm.evaluate(params, np.random.default_rng(0).integers(30, size=400))
    assert first == pytest.approx(np.log(30), abs=0.6)


def test_evaluate_carries_its_state_over_the_pieces():
    params, tokens = model("gru", D=3), np.random.default_rng(0).integers(V, size=50)
    whole, _ = char_lm.loss(params, tokens[:-1, None], tokens[1:, None], char_lm.start(params))
    for piece in (1, 7, 49, 256):
        assert char_lm.evaluate(params, tokens, T=piece) == pytest.approx(whole)
    streams = [char_lm.evaluate(params, tokens[i : i + 17]) for i in (0, 16, 32)]
    assert char_lm.evaluate(params, tokens, streams=3) == pytest.approx(np.mean(streams))
    with pytest.raises(ValueError, match="at least 2 symbols for each of 2, got 2"):
        char_lm.evaluate(params, tokens[:2], streams=2)


# Dropout


def test_dropout_of_nothing_is_the_plain_loss():
    params = model("lstm", 4, 2)
    state = busy(params)
    value, last = char_lm.loss(params, TOKENS, TARGETS, state)
    same, last_too = char_lm.loss_with_dropout(0.0)(params, TOKENS, TARGETS, [1, 2], state)
    assert same == pytest.approx(value)
    for (path, a), (path_too, b) in zip(leaves(last), leaves(last_too), strict=True):
        assert path == path_too
        np.testing.assert_allclose(a, b)


def test_dropout_depends_on_its_key_alone():
    params = model("gru", 4)
    loss, state = char_lm.loss_with_dropout(0.4), busy(params)
    a, b, c = (loss(params, TOKENS, TARGETS, key, state)[0] for key in ([0, 1], [0, 1], [0, 2]))
    assert a == b != c
    with pytest.raises(ValueError, match="at least 0 and below 1, got 1"):
        char_lm.loss_with_dropout(1)


def test_dropout_leaves_out_the_share_that_it_says_and_keeps_the_mean():
    """A read-out that adds the units up, of a network whose units are all alike."""
    share, wide = 0.3, 400
    params = char_lm.init(np.random.default_rng(0), V, wide, cell="rnn", dtype=np.float64)
    layer = {"W_xh": np.zeros((V, wide)), "W_hh": np.zeros((wide, wide)), "b_h": np.full(wide, 1.0)}
    readout = {"W": np.zeros((wide, V)), "b": np.zeros(V)}
    params = params | {"rnn": (layer,), "readout": readout}
    loss = value_and_grad(char_lm.loss_with_dropout(share), has_aux=True)
    _, grads = loss(params, TOKENS[:1, :1], TARGETS[:1, :1], [5], char_lm.start(params))
    column = grads["readout"]["W"][:, TARGETS[0, 0]]  # -(1 - 1/V) h / (1 - share) of each unit kept, else 0
    assert (column == 0).mean() == pytest.approx(share, abs=0.08)
    np.testing.assert_allclose(column[column != 0], -(1 - 1 / V) * np.tanh(1) / (1 - share))


# Learning


@pytest.mark.parametrize("cell", CELLS)
def test_it_learns_hello(cell):
    symbols, encode, decode = vocabulary(HELLO)
    tokens = encode(HELLO)
    params = char_lm.init(np.random.default_rng(0), len(symbols), 8, cell=cell)
    pairs = [(tokens[:-1, None], tokens[1:, None])] * 150
    plain = lambda params, tokens, targets: char_lm.loss(params, tokens, targets, char_lm.start(params))[0]
    *_, last = fit(plain, params, pairs, Adam(0.05), progress=False)
    assert last.loss < 0.02
    step = lambda token, state: char_lm.step(last.params, token, state)
    assert decode(greedy(step, char_lm.start(last.params), tokens[0], 4)) == "ello"


@pytest.mark.slow
def test_min_char_rnns_protocol_runs():
    """Adagrad .1, each number clipped to 5, weights .01 · N(0, 1), one-hot vectors, the state carried."""
    text = "the quick brown fox jumps over the lazy dog. " * 20
    symbols, encode, _ = vocabulary(text)
    params = char_lm.init(np.random.default_rng(0), len(symbols), 50, cell="rnn")
    rng = np.random.default_rng(1)
    params = tree_map(lambda W: (0.01 * rng.standard_normal(W.shape)).astype(np.float32), params)
    run = fit(
        char_lm.loss,
        params,
        batches(encode(text), 25, 1),
        Adagrad(0.1),
        steps=400,
        carry=char_lm.start(params),
        clip=lambda grads: clip_by_value(grads, 5),
        progress=False,
    )
    losses = [step.loss for step in run]
    assert losses[0] == pytest.approx(np.log(len(symbols)), abs=0.01)
    assert np.mean(losses[-20:]) < 1.5


# Ablation, in the whole model


@pytest.mark.parametrize("cell", CELLS)
def test_an_ablated_unit_stays_at_zero_and_the_others_hear_nothing_of_it(cell):
    params = model(cell, D=4)
    out = params | {cell: (ablate(params[cell][0], [1, 3]),)}
    (sequences,) = char_lm.trace(out, TOKENS)
    for sequence in sequences:
        assert (sequence[..., [1, 3]] == 0).all()
        assert (sequence[..., [0, 2, 4]] != 0).all()
    cut = {name: np.delete(W, _columns(W, [1, 3]), -1) for name, W in params[cell][0].items()}
    cut["W_hh"] = np.delete(cut["W_hh"], [1, 3], 0)
    smaller = params | {cell: (cut,)}
    (rest,) = char_lm.trace(smaller, TOKENS)
    for sequence, other in zip(sequences, rest):
        np.testing.assert_allclose(sequence[..., [0, 2, 4]], other, rtol=1e-10)


def _columns(W, units):
    return [block * H + unit for block in range(W.shape[-1] // H) for unit in units]


def test_ablate_leaves_what_it_is_given_as_it_is_and_names_a_wrong_unit():
    weights = model("lstm")["lstm"][0]
    before = {name: W.copy() for name, W in weights.items()}
    ablate(weights, 2)
    for name, W in weights.items():
        np.testing.assert_array_equal(W, before[name])
    for wrong in (5, -1, [0, 7], 1.0):
        with pytest.raises(ValueError, match="units must be whole numbers from 0 to H - 1 = 4"):
            ablate(weights, wrong)


# Bad calls, and files


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda rng: char_lm.init(rng, 4, 3, cell="grU"), "cell must be one of rnn, lstm, gru, got 'grU'"),
        (lambda rng: char_lm.init(rng, 0, 3), "V must be at least 1, got 0"),
        (lambda rng: char_lm.init(rng, 4, 0), "H must be at least 1, got 0"),
        (lambda rng: char_lm.init(rng, 4, 3, D=0), "D must be at least 1, got 0"),
        (lambda rng: char_lm.init(rng, 4, 3, layers=0), "layers must be at least 1, got 0"),
        (lambda rng: char_lm.hidden_for("rnn", 4, 5), "a rnn of V = 4 has at least 14 parameters, got 5"),
        (lambda rng: char_lm.hidden_for("elman", 4, 5), "cell must be one of rnn, lstm, gru, got 'elman'"),
    ],
)
def test_bad_calls(call, said):
    with pytest.raises(ValueError) as error:
        call(np.random.default_rng(0))
    assert str(error.value) == said


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("D, layers", SHAPES)
def test_a_file_holds_the_whole_model(tmp_path, cell, D, layers):
    saved = Model(
        model(cell, D, layers, np.float32), "\n \"'가<>", {"steps": 12, "validation": 1.25, "settings": "any"}
    )
    save(tmp_path / "m.npz", saved)
    read = load(tmp_path / "m.npz")
    assert (read.symbols, read.facts) == (saved.symbols, saved.facts)
    for (path, a), (path_too, b) in zip(leaves(saved.params), leaves(read.params), strict=True):
        assert path == path_too
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    assert isinstance(read.params[cell], tuple)


def test_more_than_ten_layers_keep_their_order(tmp_path):
    nest = {"a": tuple({"W": np.full(2, i)} for i in range(12))}
    save_checkpoint(tmp_path / "n.npz", nest)
    assert [int(layer["W"][0]) for layer in load_checkpoint(tmp_path / "n.npz")["a"]] == list(range(12))


def test_what_is_no_model_is_named(tmp_path):
    path = tmp_path / "m.npz"
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(path)
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"m\.npz must be an \.npz file; it is damaged"):
        load(path)
    np.savez(path, W=np.ones(3))
    with pytest.raises(ValueError, match="must be the file of a character model"):
        load(path)
    save(path, Model(model("gru"), "abc", {"step": 1}))
    with pytest.raises(ValueError, match="must have a symbol for each of its V = 7 logits, got 3"):
        load(path)
    np.savez(path, params=np.array([object()], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="must be an .npz file"):
        load(path)


@pytest.mark.slow
def test_the_shipped_lstm_is_small_passes_the_table_and_costs_what_its_file_says():
    path = folder() / "char_lstm.npz"
    model = load(path)
    params = tree_map(lambda array: array.astype(np.float32), model.params)
    V, train, validation, test = parts()
    _, _, table_test = table_of_counts(V, train, validation, test)
    assert path.stat().st_size <= 400_000
    assert model.symbols == "".join(vocabulary(corpora.corpus("tales").text)[0])
    assert np.isclose(char_lm.evaluate(params, test), model.facts["test"], atol=1e-3)
    assert model.facts["test"] < table_test - 0.05
    kneser_ney = ngram.kneser_ney(ngram.count(train, V, 6), 0.9)  # both chosen on validation, by lesson 04
    assert model.facts["test"] < ngram.evaluate(kneser_ney, test) - 0.01
