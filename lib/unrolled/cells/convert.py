"""Weights to and from other orders and conventions: PyTorch's, Keras's, and the other convention of z.

PyTorch keeps its matrices as (out, in), orders the LSTM's gates i, f, g, o, and has two biases. Keras's are (in, out);
it orders the LSTM's gates as PyTorch does, and the GRU's z, r, n. Here matrices are (in, out), the orders are i, f, o,
g and r, z, n, and there is one bias; only the GRU keeps b_hn apart, because the reset scales it.

A stack of layers is a tuple with one dict of weights for each layer, as `unrolled.cells.stacks` takes it; with two
directions, each layer is {"forward": weights, "backward": weights}.
"""

import re
from collections.abc import Mapping

import numpy as np

from unrolled.cells.table import CELLS, find_cell

KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
NAME = rf"({'|'.join(KINDS)})_l(\d+)(_reverse)?"


def from_torch(cell, state):
    """The layers' weights from the state dict of a torch.nn.RNN, LSTM or GRU: a tuple, the lowest layer first.

    cell: "rnn", "lstm" or "gru"; state: {name: array}, as in {k: v.numpy() for k, v in module.state_dict().items()}.
    With bias=False the biases are zeros. ValueError: another cell, a name that is not one of these, or is missing, or
    is in the wrong shape; numbers that are no floats, or of two dtypes.
    """
    gates, parts = find_cell(cell).gates, {}
    if not isinstance(state, Mapping):
        raise ValueError(f"state must be a dict {{name: array}}, as module.state_dict() is, got {type(state).__name__}")
    wrong = [name for name in state if not re.fullmatch(NAME, str(name))]
    if wrong:
        law = f"the state dict of a {cell} has weight_ih_l0, weight_hh_l0, …, got {wrong[0]}"
        raise ValueError(law + _mend(cell, state, str(wrong[0])))
    for name, array in state.items():
        kind, layer, reverse = re.fullmatch(NAME, name).groups()
        parts.setdefault((int(layer), "_reverse" if reverse else ""), {})[kind] = _floats(name, array)
    layers = range(max((layer for layer, _ in parts), default=0) + 1)
    directions = ["", "_reverse"] if any(reverse for _, reverse in parts) else [""]
    with_bias = any(found.keys() & set(KINDS[2:]) for found in parts.values())
    kinds = KINDS if with_bias else KINDS[:2]
    missing = [
        f"{kind}_l{layer}{direction}"
        for layer in layers
        for direction in directions
        for kind in kinds
        if kind not in parts.get((layer, direction), {})
    ]
    if missing:
        raise ValueError(f"{missing[0]} is missing: the state dict must be whole, and has {', '.join(state) or 'none'}")
    _check_shapes(cell, gates, parts, len(directions))
    converted = [[_from_torch(cell, gates, parts[layer, d]) for d in directions] for layer in layers]
    return tuple(dict(zip(("forward", "backward"), both)) if both[1:] else both[0] for both in converted)


def to_torch(cell, layers):
    """The state dict of arrays for a torch.nn.RNN, LSTM or GRU: what `from_torch` reads.

    layers: as `from_torch` returns them. PyTorch's second bias gets zeros, but for the GRU's b_hn.
    """
    gates, state = find_cell(cell).gates, {}
    for l, layer in enumerate(layers):
        for direction, weights in (layer if "forward" in layer else {"forward": layer}).items():
            suffix = f"_l{l}" + ("_reverse" if direction == "backward" else "")
            order = lambda W: _reorder(W, cell, gates)
            bias_hh = np.zeros_like(weights["b_h"])
            if cell == "gru":
                bias_hh.reshape(3, -1)[2] = weights["b_hn"]
            state["weight_ih" + suffix] = order(weights["W_xh"]).T
            state["weight_hh" + suffix] = order(weights["W_hh"]).T
            state["bias_ih" + suffix] = order(weights["b_h"])
            state["bias_hh" + suffix] = bias_hh
    return {name: np.ascontiguousarray(array) for name, array in state.items()}


def from_keras(cell, arrays):
    """One layer's weights from the arrays of a Keras SimpleRNN, LSTM or GRU: a dict.

    cell: "rnn", "lstm" or "gru"; arrays: kernel (D, gates H), recurrent kernel (H, gates H) and bias, as
    layer.get_weights() gives them. A GRU's bias is (2, 3H) where reset_after=True, Keras's default: its weights are for
    `gru`. Where it is (3H,), the reset stands before the product: they have no b_hn, and are for `gru_reset_before`.
    ValueError: other shapes, numbers that are no floats, or no bias.
    """
    gates = find_cell(cell).gates
    kernel, recurrent, bias = _check_keras(cell, gates, arrays)
    weights = {"W_xh": _of_keras(kernel, cell, gates), "W_hh": _of_keras(recurrent, cell, gates)}
    bias = _of_keras(bias, cell, gates)
    return weights | (_gru_biases(*bias) if bias.ndim == 2 else {"b_h": bias})


def to_keras(cell, weights):
    """[kernel, recurrent kernel, bias] for layer.set_weights of a Keras layer: what `from_keras` reads.

    A GRU's weights with b_hn are for reset_after=True, those without it for reset_after=False.
    """
    gates = find_cell(cell).gates
    bias = weights["b_h"]
    if "b_hn" in weights:
        bias = np.stack([bias, np.concatenate([np.zeros_like(bias[: -len(weights["b_hn"])]), weights["b_hn"]])])
    return [_of_keras(array, cell, gates) for array in (weights["W_xh"], weights["W_hh"], bias)]


def flip_update_gate(weights):
    """A GRU's weights for the other convention of z, h = (1 - z) h_prev + z n, or back: 1 - sigmoid(a) = sigmoid(-a).

    weights: {"W_xh", "W_hh", "b_h", …} of either form, in the order r, z, n. What z computes changes its sign.
    """

    def flip(W):
        W = W.copy()
        H = W.shape[-1] // 3
        W[..., H : 2 * H] *= -1
        return W

    return {name: flip(W) if name in ("W_xh", "W_hh", "b_h") else W.copy() for name, W in weights.items()}


def _floats(name, array):
    array = np.asarray(array)
    if array.dtype.kind != "f":
        got = f"a {type(array.item()).__name__}" if array.dtype.hasobject and not array.ndim else f"dtype {array.dtype}"
        raise ValueError(f"{name} must be an array of floats, got {got}")
    return array


def _mend(cell, state, name):
    """What a state dict with this name may be the state dict of, and how to come to the right one."""
    prefixes = sorted({found[1] for key in state if (found := re.fullmatch(r"(.+\.)" + NAME, str(key)))})
    if prefixes:
        one = f"{prefixes[0]!r}"
        return (
            f". The {cell} is a part of a larger module, below {' or '.join(map(repr, prefixes))}: take it alone, "
            f"{{k.removeprefix({one}): v for k, v in state.items() if k.startswith({one})}}"
        )
    if name in KINDS:
        return ". That is a cell for one step: write _l0 behind each name, {f'{k}_l0': v for k, v in state.items()}"
    if name.startswith("weight_hr_l"):
        return ". An LSTM with proj_size has a matrix more, and no counterpart here: build it with proj_size=0"
    if isinstance(state[name], Mapping):
        return f". That is a checkpoint around the state dict: take state[{name!r}]"
    return ""


def _check_shapes(cell, gates, parts, directions):
    """Every array of every layer and direction, against the D, the H and the dtype of the lowest layer."""
    rows = f"{gates}H" if gates > 1 else "H"
    lowest = parts[0, ""]
    H, dtype = lowest["weight_hh"].shape[-1] if lowest["weight_hh"].ndim else 0, lowest["weight_hh"].dtype
    D = lowest["weight_ih"].shape[-1] if lowest["weight_ih"].ndim else 0
    for (layer, direction), found in parts.items():
        inputs = D if layer == 0 else directions * H
        wide = "D" if layer == 0 else "2H" if directions > 1 else "H"
        laws = {"weight_hh": (f"({rows}, H)", (gates * H, H)), "weight_ih": (f"({rows}, {wide})", (gates * H, inputs))}
        for kind in (*laws, *(found.keys() - laws.keys())):
            law, shape = laws.get(kind, (f"({rows},)", (gates * H,)))
            name, array = f"{kind}_l{layer}{direction}", found[kind]
            if array.shape != shape or 0 in shape:
                theirs = {c: find_cell(c).gates for c in CELLS}
                other = [c for c, n in theirs.items() if H and kind == "weight_hh" and array.shape == (n * H, H)]
                hint = f": that is the shape of a {other[0]}'s" if other else ""
                raise ValueError(f"{name} of a {cell} must be {law} = {shape}, got {array.shape}{hint}")
            if array.dtype != dtype:
                raise ValueError(f"all arrays must have one dtype: weight_hh_l0 is {dtype}, {name} is {array.dtype}")


def _from_torch(cell, gates, found):
    """One layer, one direction."""
    rows = len(found["weight_hh"])
    b_ih, b_hh = (found.get(kind, np.zeros(rows, found["weight_hh"].dtype)) for kind in ("bias_ih", "bias_hh"))
    order = lambda W: _reorder(W, cell, gates)
    weights = {"W_xh": order(found["weight_ih"].T), "W_hh": order(found["weight_hh"].T)}
    if cell == "gru":
        return weights | _gru_biases(b_ih, b_hh)
    return weights | {"b_h": order(b_ih + b_hh)}


def _gru_biases(b_ih, b_hh):
    """b_h and b_hn: of the state's bias, r's and z's parts are simply added; n's stays inside the reset."""
    inside = len(b_hh) // 3
    outside = np.concatenate([b_hh[:-inside], np.zeros_like(b_hh[-inside:])])
    return {"b_h": b_ih + outside, "b_hn": b_hh[-inside:].copy()}


def _check_keras(cell, gates, arrays):
    """The three arrays, of floats, against the H of the second one."""
    if len(arrays) != 3:
        raise ValueError(f"arrays must be kernel, recurrent kernel and bias, got {len(arrays)} of them")
    names = ("kernel", "recurrent kernel", "bias")
    kernel, recurrent, bias = (_floats(f"the {name} of a {cell}", array) for name, array in zip(names, arrays))
    H = recurrent.shape[0] if recurrent.ndim else 0
    wide = f"{gates}H" if gates > 1 else "H"
    biases = {f"({wide},)": (gates * H,)} | ({f"(2, {wide})": (2, gates * H)} if cell == "gru" else {})
    rows = (
        ("recurrent kernel", recurrent, f"(H, {wide})", H and recurrent.shape == (H, gates * H)),
        ("kernel", kernel, f"(D, {wide}) = (D, {gates * H})", kernel.ndim == 2 and kernel.shape[1] == gates * H),
        ("bias", bias, " or ".join(f"{law} = {shape}" for law, shape in biases.items()), bias.shape in biases.values()),
    )
    for name, array, law, holds in rows:
        if not holds:
            raise ValueError(f"the {name} of a {cell} must be {law}, got {array.shape}")
    return kernel, recurrent, bias


def _of_keras(W, cell, gates):
    """Keras's order of the gates to ours, or back: a GRU's z and r change places. Always a copy."""
    if cell != "gru":
        return _reorder(W, cell, gates)
    z, r, n = np.split(W, 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def _reorder(W, cell, gates):
    """i, f, g, o to i, f, o, g, or back: the last two gates change places. Always a copy."""
    parts = np.split(W, gates, axis=-1)
    return np.concatenate([*parts[:2], parts[3], parts[2]] if cell == "lstm" else parts, axis=-1)
