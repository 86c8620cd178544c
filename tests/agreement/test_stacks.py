"""Stacks and two directions: layer by layer = step by step on the tape = PyTorch; and planted mistakes are noticed."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves
from unrolled.cells.convert import from_torch, to_torch
from unrolled.cells.stacks import one_direction, reverse, stack_layers, two_directions
from unrolled.cells.table import CELLS, init_cell
from unrolled.exercises.mistakes import mutate

T, N, D, H, LAYERS = 5, 3, 3, 3, 3  # D = H: a mistake about the lowest layer runs, and gives other numbers
LENGTHS = [5, 2, 4]
XS = np.random.default_rng(0).standard_normal((T, N, D))
SCALES = np.random.default_rng(2).random((LAYERS, T, N, 2 * H)) < 0.7
every_cell = pytest.mark.parametrize("name", CELLS)
every_way = pytest.mark.parametrize("residual, halved", [(False, False), (True, False), (False, True), (True, True)])


def weights(name, directions):
    """The layers' weights, busy in every bias: a dict each, or one for each direction."""
    rng = np.random.default_rng(1)

    def draw(inputs):
        drawn = init_cell(rng, name, inputs, H)
        return {key: W + 0.3 * rng.standard_normal(W.shape) for key, W in drawn.items()}

    widths = [D] + [directions * H] * (LAYERS - 1)
    both = lambda D: {"forward": draw(D), "backward": draw(D)}
    return tuple(draw(width) if directions == 1 else both(width) for width in widths)


def states(name, directions):
    rng = np.random.default_rng(3)
    start = lambda: tuple(0.5 * rng.standard_normal((N, H)) for _ in range(CELLS[name].states))
    return tuple(start() if directions == 1 else (start(), start()) for _ in range(LAYERS))


def scale(number, ys):
    """What stands for dropout here: numbers to multiply by, other ones below each layer."""
    return ops.multiply(ys, SCALES[number, : ys.shape[0], : ys.shape[1], : ys.shape[2]])


def halving():
    """`scale` as a function of ys alone, which knows how often it was called: for `between`."""
    number = iter(range(1, LAYERS + 1))
    return lambda ys: scale(next(number), ys)


def by_steps(name, layers, starts, xs, *, residual, halved):
    """A stack in one direction, the other way round: all layers of a step before the next step."""
    step, states, ys = CELLS[name].step, list(starts), []
    for t in range(len(xs)):
        x = xs[t]
        for number, weights in enumerate(layers):
            if number and halved:
                x = ops.multiply(x, SCALES[number, t, :N, :H])
            new = step(x, *states[number], **weights)
            states[number] = new if isinstance(new, tuple) else (new,)
            x = x + states[number][0] if number and residual else states[number][0]
        ys.append(x)
    return ops.stack(*ys), states


def alone(name, layers, starts, x, *, residual):
    """One sequence (length, 1, D) in two directions, with loops over steps alone."""
    step, last, xs = CELLS[name].step, [], list(ops.unstack(x))
    for number, weights in enumerate(layers):
        read = {}
        for way, start in zip(("forward", "backward"), starts[number]):
            state, hs = start, []
            for x in xs if way == "forward" else xs[::-1]:
                new = step(x, *state, **weights[way])
                state = new if isinstance(new, tuple) else (new,)
                hs.append(state[0])
            read[way] = hs if way == "forward" else hs[::-1]
            last.append(state)
        ys = [ops.concatenate(a, b, axis=1) for a, b in zip(read["forward"], read["backward"])]
        xs = [x + y for x, y in zip(xs, ys)] if number and residual else ys
    return ops.stack(*xs), last


def scalar(ys, last):
    """A loss that hears of every output and of every last state, each with its own weight."""
    rng = np.random.default_rng(4)
    hear = lambda a: ops.sum(ops.multiply(a, rng.standard_normal(a.shape)))
    return ops.total(hear(ys), *(hear(state) for _, state in leaves(tuple(last))))


def assert_same(ours, theirs, *arguments):
    (value, grads), (expected, theirs) = (value_and_grad(f)(arguments) for f in (ours, theirs))
    assert value == pytest.approx(expected, rel=1e-12)
    for (path, a), (_, b) in zip(leaves(grads), leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-11, err_msg=str(path))


@every_way
@every_cell
def test_layer_by_layer_and_step_by_step_agree(name, residual, halved):
    def ours(arguments):
        layers, starts, xs = arguments
        how = {"residual": residual, "between": halving() if halved else None}
        return scalar(*stack_layers(CELLS[name].kernel, xs, starts, layers, **how))

    def theirs(arguments):
        return scalar(*by_steps(name, *arguments, residual=residual, halved=halved))

    assert_same(ours, theirs, weights(name, 1), states(name, 1), XS)


@pytest.mark.parametrize("residual", [False, True])
@every_cell
def test_two_directions_of_a_batch_are_each_sequence_read_alone(name, residual):
    kernel, how = CELLS[name].kernel, {"layer": two_directions, "residual": residual}
    inside = np.arange(T)[:, None] < LENGTHS

    def ours(arguments):
        layers, starts, xs = arguments
        ys, last = stack_layers(kernel, xs, starts, layers, lengths=LENGTHS, **how)
        return scalar(ops.multiply(ys, inside[..., None]), last)

    def theirs(arguments):
        layers, starts, xs = arguments
        ys, last = [], []
        for n, length in enumerate(LENGTHS):
            row = [tuple(tuple(state[n : n + 1] for state in way) for way in layer) for layer in starts]
            read, ends = alone(name, layers, row, xs[:length, n : n + 1], residual=residual)
            ys.append(ops.concatenate(read, np.zeros((T - length, 1, 2 * H)), axis=0))
            last.append([state for _, state in leaves(tuple(ends))])
        joined = [ops.concatenate(*rows, axis=0) for rows in zip(*last)]
        return scalar(ops.concatenate(*ys, axis=1), joined)

    assert_same(ours, theirs, weights(name, 2), states(name, 2), XS)


@pytest.mark.slow
@every_way
@pytest.mark.parametrize("directions, layer", [(1, one_direction), (2, two_directions)])
def test_finite_differences_agree(directions, layer, residual, halved):
    layers, starts = weights("lstm", directions), states("lstm", directions)

    def outputs(xs, starts, layers):
        how = {"residual": residual, "between": halving() if halved else None, "lengths": LENGTHS}
        ys, last = stack_layers(CELLS["lstm"].kernel, xs, starts, layers, layer=layer, **how)
        return ys, *(state for _, state in leaves(last))

    assert gradcheck(outputs, XS, starts, layers, names=["xs", "starts", "layers"], tolerance=1e-6).worst < 1e-6


# PyTorch


def in_pytorch(torch, name, directions, xs, starts, layers, *, dropout=0.0, lengths=None):
    """ys, the last states of h, and the gradients of xs and the layers, of the sum of squares of ys and h."""
    how = {"num_layers": LAYERS, "bidirectional": directions == 2, "dropout": dropout}
    module = getattr(torch.nn, name.upper())(D, H, **how).double()
    module.load_state_dict({key: torch.tensor(array) for key, array in to_torch(name, layers).items()})
    flat = [state for _, state in leaves(starts)]
    first = [torch.tensor(np.stack(flat[k :: CELLS[name].states])) for k in range(CELLS[name].states)]
    inputs = torch.tensor(xs, requires_grad=True)
    read = inputs
    if lengths is not None:
        read = torch.nn.utils.rnn.pack_padded_sequence(inputs, torch.tensor(lengths), enforce_sorted=False)
    ys, last = module.train()(read, tuple(first) if len(first) > 1 else first[0])
    if lengths is not None:
        ys, _ = torch.nn.utils.rnn.pad_packed_sequence(ys, total_length=T)
    h = last[0] if isinstance(last, tuple) else last
    ((ys**2).sum() + (h**2).sum()).backward()
    gradient = {key: parameter.grad.numpy() for key, parameter in module.named_parameters()}
    for key in gradient:
        if key.startswith("bias_hh"):  # b_h stands there a second time; only the GRU's b_hn is a weight of its own
            gradient[key][: 2 * H if name == "gru" else None] = 0
    return ys.detach().numpy(), h.detach().numpy(), inputs.grad.numpy(), from_torch(name, gradient)


def ours(name, directions, xs, starts, layers, *, lengths=None, between=None):
    layer = one_direction if directions == 1 else two_directions
    inside = (np.arange(T)[:, None] < (LENGTHS if lengths else [T] * N))[..., None]
    found = {}

    def loss(arguments):
        xs, layers = arguments
        how = {"layer": layer, "lengths": lengths, "between": between}
        ys, last = stack_layers(CELLS[name].kernel, xs, starts, layers, **how)
        h = [state for _, state in leaves(last)][:: CELLS[name].states]
        found.update(ys=np.array(getattr(ys, "value", ys)) * inside, h=np.array([getattr(a, "value", a) for a in h]))
        squares = [ops.sum(ops.multiply(a, a)) for a in (ops.multiply(ys, inside), *h)]
        return ops.total(*squares)

    _, (dxs, dlayers) = value_and_grad(loss)((xs, layers))
    return found["ys"], found["h"], dxs, dlayers


def assert_agree(mine, theirs):
    for a, b in zip(mine[:3], theirs[:3]):
        np.testing.assert_allclose(a, b, atol=1e-10)
    for (path, a), (_, b) in zip(leaves(mine[3]), leaves(theirs[3]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10, err_msg=str(path))


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "ragged"])
@pytest.mark.parametrize("directions", [1, 2])
@every_cell
def test_layers_and_directions_agree_with_pytorch(torch, name, directions, lengths):
    arguments = name, directions, XS, states(name, directions), weights(name, directions)
    assert_agree(ours(*arguments, lengths=lengths), in_pytorch(torch, *arguments, lengths=lengths))


@pytest.mark.parametrize("directions", [1, 2])
@every_cell
def test_between_stands_where_pytorchs_dropout_does(torch, name, directions):
    """All of it dropped: each layer but the lowest hears zeros, and no state, no input and no output is touched."""
    arguments = name, directions, XS, states(name, directions), weights(name, directions)
    mine = ours(*arguments, between=lambda ys: ops.multiply(ys, np.zeros(ys.shape)))
    assert_agree(mine, in_pytorch(torch, *arguments, dropout=1.0))


# Planted mistakes


def stacked(run, residual=True):
    """What a copy of `stack_layers` puts out: the outputs and last states, beside the loops over steps."""
    layers, starts = weights("gru", 1), states("gru", 1)
    ys, last = run(CELLS["gru"].kernel, XS, starts, layers, residual=residual, between=halving())
    expected = by_steps("gru", layers, starts, XS, residual=residual, halved=True)
    return [(ys, expected[0]), *zip([a for _, a in leaves(last)], [a for _, a in leaves(tuple(expected[1]))])]


def directed(run):
    (layer, *_), (start, *_) = weights("gru", 2), states("gru", 2)
    ys, last = run(CELLS["gru"].kernel, XS, start, layer, lengths=LENGTHS)
    pairs = []
    for n, length in enumerate(LENGTHS):
        row = [tuple(tuple(state[n : n + 1] for state in way) for way in start)]
        expected, ends = alone("gru", (layer,), row, XS[:length, n : n + 1], residual=False)
        pairs += [(ys[:length, n], expected[:, 0])]
        pairs += [(way[0][n], end[0][0]) for way, end in zip(last, ends)]
    return pairs


def turned(run):
    ys = run(XS, lengths=LENGTHS)
    inside = [(ys[:length, n], XS[:length, n][::-1]) for n, length in enumerate(LENGTHS)]
    return inside + [(ys[length:, n], XS[length:, n]) for n, length in enumerate(LENGTHS)]


MUTANTS = [
    (stacked, stack_layers, "if number and between", "if between", "dropout of the input"),
    (stacked, stack_layers, "if number and between", "if False", "no dropout between"),
    (stacked, stack_layers, "add(xs, ys) if number and residual", "add(xs, ys) if residual", "the lowest is residual"),
    (stacked, stack_layers, "add(xs, ys) if number and residual", "add(ys, ys) if number and residual", "twice ys"),
    (stacked, stack_layers, "else ys", "else xs", "the lowest layer is left out"),
    (stacked, stack_layers, "last.append(end)", "last.insert(0, end)", "the last states from the top"),
    (stacked, stack_layers, "(kernel, xs, start,", "(kernel, xs, states[0],", "one first state for all"),
    (stacked, stack_layers, "start, weights, len", "start, layers[0], len", "one layer's weights for all"),
    (directed, two_directions, 'backward, weights["backward"]', 'backward, weights["forward"]', "one set of weights"),
    (directed, two_directions, 'backward, weights["backward"]', 'forward, weights["backward"]', "one first state"),
    (directed, two_directions, "backwards, backward", "xs, backward", "forward twice"),
    (directed, two_directions, "reverse(zs, lengths=lengths)", "zs", "the outputs are not turned back"),
    (directed, two_directions, "reverse(zs, lengths=lengths)", "reverse(zs)", "turned back by T, not by their lengths"),
    (directed, two_directions, "backwards = reverse(xs, lengths=lengths)", "backwards = reverse(xs)", "from padding"),
    (directed, two_directions, "concatenate(ys, rev", "concatenate(0 * ys, rev", "nothing is read forwards"),
    (directed, two_directions, "(last, last_back)", "(last, one_direction(cell, xs, backward, weights['backward'])[1])",
     "the backward reading's state is that of the last step"),
    (turned, reverse, "np.asarray(lengths) - 1 - steps", "T - 1 - steps", "by T"),
    (turned, reverse, "np.asarray(lengths) - 1 - steps", "np.asarray(lengths) - steps", "one step late"),
    (turned, reverse, "steps, back)", "back, back)", "the padding moves"),
]  # fmt: skip


@pytest.mark.parametrize("compare, function", [(stacked, stack_layers), (directed, two_directions), (turned, reverse)])
def test_what_is_right_passes(compare, function):
    for ours, theirs in compare(function):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("compare, function, old, new", [pytest.param(*m[:4], id=m[4]) for m in MUTANTS])
def test_a_mistake_is_noticed(compare, function, old, new):
    wrong = mutate(function, old, new)  # a ValueError here is no notice: the line has gone from the source
    try:
        pairs = compare(wrong)
    except (ValueError, IndexError):
        return  # a shape, or a step that there is not
    assert any(np.shape(a) != np.shape(b) or not np.allclose(a, b, atol=1e-8) for a, b in pairs)


def test_a_reversal_whose_gradient_is_not_turned_back_is_noticed():
    wrong = mutate(reverse, "(d[order],)", "(d,)")
    with pytest.raises(AssertionError, match="the gradient of xs is wrong"):
        gradcheck(wrong, XS, lengths=LENGTHS)
