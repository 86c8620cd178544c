"""Translators: gradients of every kind, one word at a time equals the whole sentence, masks, and the index of time."""

from functools import partial
from itertools import product, repeat

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells.convert import to_torch
from unrolled.data import clock_times, folder, number_words
from unrolled.data.translation import END, PAD, START, batch, encode
from unrolled.experiments import translators
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam
from unrolled.models import decoding, seq2seq
from unrolled.models.files import shipped_translators

NUMBERS = (7, 345_678, 20_014)
V = len(number_words.ENGLISH), len(number_words.KOREAN)
BATCH = batch([number_words.pair(n) for n in NUMBERS], number_words.ENGLISH, number_words.KOREAN)
EVERY = pytest.mark.parametrize("kind, both", list(product(seq2seq.KINDS, (False, True))))
ATTENDING = pytest.mark.parametrize("kind", ("bahdanau", "luong", "fed"))


def small(kind, both=False, dtype=np.float64):
    params = seq2seq.init(np.random.default_rng(2), V, kind, H=5, E=4, M=3, both=both, dtype=dtype)
    noise = np.random.default_rng(3)
    return tree_map(lambda a: a + (0.3 * noise.standard_normal(a.shape)).astype(dtype), params)  # biases, too


@EVERY
def test_one_word_at_a_time_is_the_whole_sentence(kind, both):
    params = small(kind, both)
    logits, alphas = seq2seq.forward(params, *BATCH[:2], BATCH.target[:-1], kind=kind)
    state = seq2seq.start(params, *BATCH[:2], kind=kind)
    for t, words in enumerate(BATCH.target[:-1]):
        said, state, looked = seq2seq.step(params, words, state, kind=kind)
        assert np.allclose(said, logits[t])
        assert np.allclose(looked, alphas[t])


@pytest.mark.slow
@EVERY
def test_the_gradients_of_the_loss(kind, both):
    loss = lambda params: seq2seq.loss(params, BATCH.source, BATCH.lengths, BATCH.target, kind=kind)
    gradcheck(loss, small(kind, both), tolerance=1e-5)


@pytest.mark.slow
@EVERY
def test_loss_and_gradients_are_pytorchs(kind, both):
    """The same law, sentence by sentence and word by word, so that nothing is padded and nothing is masked."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle: pip install -e .[torch]")
    params = small(kind, both)
    leaf = {path: torch.tensor(array, requires_grad=True) for path, array in leaves(params)}
    at = lambda *path: leaf[path]
    affine = lambda x, name: x @ at(name, "W") + at(name, "b")

    def gru(x, h, *path):
        W_xh, W_hh, b_h, b_hn = (at(*path, name) for name in ("W_xh", "W_hh", "b_h", "b_hn"))
        bias = torch.cat([torch.zeros(10, dtype=torch.float64), b_hn])
        arrays = {
            name: weight.detach().numpy()
            for name, weight in zip(("W_xh", "W_hh", "b_h", "b_hn"), (W_xh, W_hh, b_h, b_hn))
        }
        module = torch.nn.GRUCell(len(W_xh), 5, dtype=torch.float64)
        state = to_torch("gru", (arrays,))
        assert state.keys() == {f"{name}_l0" for name in dict(module.named_parameters())}
        # PyTorch's cell with our tensors in the place of its own, so that the gradient reaches them
        given = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_h, "bias_hh": bias}
        for name, tensor in given.items():
            assert np.allclose(tensor.detach().numpy(), state[f"{name}_l0"])
        return torch.func.functional_call(module, given, (x[None], h[None]))[0]

    def sentence(source, target):
        xs, zero = at("source")[source], torch.zeros(5, dtype=torch.float64)
        forward, backward = [zero], [zero]
        for x in xs:
            forward.append(gru(x, forward[-1], "encoder", "forward"))
        annotations, h = torch.stack(forward[1:]), forward[-1]
        if both:
            for x in xs.flip(0):
                backward.append(gru(x, backward[-1], "encoder", "backward"))
            annotations = torch.cat([annotations, torch.stack(backward[1:]).flip(0)], 1)
            h = torch.tanh(affine(torch.cat([h, backward[-1]]), "first"))
        total, fed = 0, zero
        for read, say in zip(target, target[1:]):
            x = at("target")[read]
            if kind == "bahdanau":
                hidden = torch.tanh(h @ at("score", "W_a") + annotations @ at("score", "U_a"))
                alpha = torch.softmax(hidden @ at("score", "v_a"), 0)
                x = torch.cat([x, alpha @ annotations])
            if kind == "fed":
                x = torch.cat([x, fed])
            h = seen = gru(x, h, "decoder")
            if kind in ("luong", "fed"):
                alpha = torch.softmax(annotations @ at("score", "W_a") @ h, 0)
                seen = fed = torch.tanh(affine(torch.cat([alpha @ annotations, h]), "combine"))
            total = total - torch.log_softmax(affine(seen, "readout"), 0)[say]
        return total

    pairs = [number_words.pair(n) for n in NUMBERS]
    tokens = [
        (encode(p.source, number_words.ENGLISH), [START, *encode(p.target, number_words.KOREAN), END]) for p in pairs
    ]
    theirs = sum(sentence(*each) for each in tokens) / sum(len(target) - 1 for _, target in tokens)
    theirs.backward()
    value, grads = value_and_grad(partial(seq2seq.loss, kind=kind))(params, *BATCH)
    assert value == pytest.approx(theirs.item())
    for path, grad in leaves(grads):
        np.testing.assert_allclose(grad, leaf[path].grad.numpy(), atol=1e-10, err_msg=str(path))


@EVERY
def test_padding_changes_nothing(kind, both):
    """A sentence among longer ones is what it is alone, whatever stands in the padding."""
    params, (source, lengths, target) = small(kind, both), BATCH
    other = np.where(np.arange(len(source))[:, None] < lengths, source, V[0] - 1)
    logits, alphas = seq2seq.forward(params, other, lengths, target[:-1], kind=kind)
    for n, length in enumerate(lengths):
        alone = seq2seq.forward(
            params, source[:length, n : n + 1], lengths[n : n + 1], target[:-1, n : n + 1], kind=kind
        )
        assert np.allclose(alone[0][:, 0], logits[:, n])
        assert np.allclose(alone[1][:, 0], alphas[:, n, :length])
        assert not alphas[:, n, length:].any()
    longer = np.concatenate([target, np.full((3, 3), PAD)])
    losses = [seq2seq.loss(params, source, lengths, each, kind=kind) for each in (target, longer)]
    assert losses[0] == pytest.approx(losses[1])


@ATTENDING
def test_the_weights_sum_to_1_and_the_plain_kind_has_none(kind):
    _, alphas = seq2seq.forward(small(kind), *BATCH[:2], BATCH.target[:-1], kind=kind)
    assert np.allclose(alphas.sum(-1), 1)
    _, none = seq2seq.forward(small("plain"), *BATCH[:2], BATCH.target[:-1], kind="plain")
    assert none.shape == alphas.shape
    assert not none.any()


@ATTENDING
def test_bahdanau_looks_before_the_word_is_read_and_luong_after(kind):
    """Another word at step 2: the first weights that can change are those of step 2, or of the step after it."""
    params, tokens = small(kind), BATCH.target[:-1].copy()
    _, before = seq2seq.forward(params, *BATCH[:2], tokens, kind=kind)
    tokens[2, 1] = V[1] - 1
    _, after = seq2seq.forward(params, *BATCH[:2], tokens, kind=kind)
    changed = np.any(before[:, 1] != after[:, 1], axis=-1)
    assert changed.argmax() == (3 if kind == "bahdanau" else 2)


@pytest.mark.parametrize("kind, hears", [("luong", False), ("fed", True)])
def test_input_feeding_alone_tells_the_next_step_where_it_looked(kind, hears):
    params = small(kind)
    state = seq2seq.start(params, *BATCH[:2], kind=kind)
    _, state, _ = seq2seq.step(params, BATCH.target[0], state, kind=kind)
    said = [
        seq2seq.step(params, BATCH.target[1], each, kind=kind)[0] for each in (state, state._replace(a=state.a + 1))
    ]
    assert np.allclose(*said) != hears


def test_nothing_but_the_last_state_crosses_in_the_plain_kind():
    params = small("plain")
    state = seq2seq.start(params, *BATCH[:2], kind="plain")
    said = [
        seq2seq.step(params, BATCH.target[0], each, kind="plain")[0]
        for each in (state, state._replace(values=0 * state.values))
    ]
    assert np.array_equal(*said)


@EVERY
def test_translate_is_greedy(kind, both):
    params = small(kind, both)
    tokens, alphas = seq2seq.translate(params, *BATCH[:2], kind=kind, longest=9)
    assert tokens.shape == alphas.shape[:2]
    for n, length in enumerate(BATCH.lengths):
        step, state = seq2seq.one_sentence(params, BATCH.source[:length, n], kind=kind)
        alone = decoding.greedy(step, state, START, 9, end=END)
        assert np.array_equal(tokens[: len(alone), n], alone)
        assert (tokens[len(alone) :, n] == PAD).all()


def test_the_scores_of_sentences_are_the_loss():
    params = small("luong")
    total = 0
    for n, length in enumerate(BATCH.lengths):
        said = [token for token in BATCH.target[1:, n] if token != PAD]
        total -= decoding.score(*seq2seq.one_sentence(params, BATCH.source[:length, n], kind="luong"), START, said)
    value = seq2seq.loss(params, *BATCH, kind="luong")
    assert total == pytest.approx(value * (BATCH.target[1:] != PAD).sum())


@pytest.mark.slow
@EVERY
def test_it_learns_three_numbers_by_heart(kind, both):
    params = seq2seq.init(np.random.default_rng(1), V, kind, H=24, both=both)
    *_, last = fit(partial(seq2seq.loss, kind=kind), params, repeat(BATCH), Adam(1e-2), steps=120, progress=False)
    assert last.loss < 0.05
    tokens, _ = seq2seq.translate(last.params, *BATCH[:2], kind=kind)
    assert seq2seq.exact_match(tokens, BATCH.target).all()
    assert len(tokens) == len(BATCH.target) - 1, "it stops when all are over"
    assert {array.dtype for _, array in leaves(last.params)} == {np.dtype(np.float32)}


def test_an_exact_match_is_right_to_the_word_and_to_the_end():
    target = np.array([[START, START, START], [4, 4, 4], [5, END, 5], [END, PAD, END]])
    said = lambda *columns: seq2seq.exact_match(np.array(columns).T, target).tolist()
    assert said([4, 5, END], [4, END, PAD], [4, 5, END]) == [True, True, True]
    assert said([4, 5, 5, END], [4, END, PAD, PAD], [5, 5, END, PAD]) == [False, True, False]
    assert said([4, 5], [4, END], [END, PAD]) == [False, True, False], "without END it is not over"


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: seq2seq.init(np.random.default_rng(1), V, "dot"), "kind must be one of plain, bahdanau, luong, fed"),
        (lambda: seq2seq.translate(small("luong"), *BATCH[:2], kind="dot"), "got 'dot'"),
        (
            lambda: seq2seq.start(small("plain"), BATCH.source, [1, 0, 2], kind="plain"),
            r"from 1 to S = 9, got .1, 0, 2",
        ),
        (lambda: seq2seq.start(small("plain"), BATCH.source, [1, 10, 2], kind="plain"), "lengths must be from 1 to S"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()


@pytest.fixture(scope="module")
def shipped():
    return shipped_translators()


def test_the_shipped_translators_are_small_and_of_equal_size(shipped):
    assert (folder() / "translators.npz").stat().st_size <= 600_000
    sizes = {task: [sum(W.size for _, W in leaves(params)) for params in shipped[task].values()] for task in shipped}
    assert {task: list(models) for task, models in shipped.items()} == {
        "numbers": ["plain", "bahdanau", "luong_both"],
        "times": ["luong", "bahdanau"],
    }
    for task, most in {"numbers": 30_000, "times": 40_000}.items():
        assert 0.96 * most < min(sizes[task]) <= max(sizes[task]) <= most
    assert {array.dtype for _, array in leaves(shipped)} == {np.dtype(np.float32)}


def test_the_shipped_translators_of_numbers_know_what_their_table_says(shipped):
    """Nine digits that were never learnt: nearly none without attention, nearly all with it."""
    pairs = [number_words.pair(n) for n in translators.numbers(9, 100, "test")]
    for name, kind, least, most in (("plain", "plain", 0, 0.1), ("bahdanau", "bahdanau", 0.8, 1),
                                    ("luong_both", "luong", 0.8, 1)):  # fmt: skip
        right, *_ = translators.answers(shipped["numbers"][name], pairs, translators.NUMBERS, kind)
        assert least <= right.mean() <= most, name
        short = [number_words.pair(n) for n in translators.numbers(3, 100, "test")]
        assert translators.answers(shipped["numbers"][name], short, translators.NUMBERS, kind)[0].mean() > 0.85


@pytest.mark.parametrize("kind", ["luong", "bahdanau"])
def test_the_shipped_translators_of_times_are_right_and_look_elsewhere_at_times(shipped, kind):
    pairs = clock_times.phrases("test")
    right, alphas, _ = translators.answers(shipped["times"][kind], pairs, translators.TIMES, kind)
    assert right.mean() > 0.95
    hour = [place in link for word, place, link in translators.looked_at(alphas, pairs, right) if word == 0]
    assert 0.4 < np.mean(hour) < 0.95, "right without the weight on the hour's word"
