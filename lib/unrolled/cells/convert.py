"""Weights to and from other orders and conventions: PyTorch's state dicts, and the other convention of z.

PyTorch keeps its matrices as (out, in), orders the LSTM's gates i, f, g, o, and has two biases. Here matrices are
(in, out), the order is i, f, o, g, and there is one bias; only the GRU keeps b_hn apart, because the reset scales it.

A stack of layers is a tuple with one dict of weights for each layer, as `unrolled.cells.stacks` takes it; with two
directions, each layer is {"forward": weights, "backward": weights}.
"""

import re

import numpy as np

from unrolled.cells.table import find_cell

NAME = r"(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d+)(_reverse)?"


def from_torch(cell, state):
    """The layers' weights from the state dict of a torch.nn.RNN, LSTM or GRU: a tuple, the lowest layer first.

    cell: "rnn", "lstm" or "gru"; state: {name: array}, as in {k: v.numpy() for k, v in module.state_dict().items()}.
    With bias=False the biases are zeros. ValueError: another cell, a name that is not one of these, or is missing, or
    is in the wrong shape.
    """
    gates, parts = find_cell(cell).gates, {}
    for name, array in state.items():
        match = re.fullmatch(NAME, name)
        if not match:
            raise ValueError(f"the state dict of a {cell} has weight_ih_l0, weight_hh_l0, …, got {name}")
        kind, layer, reverse = match.groups()
        parts.setdefault((int(layer), "backward" if reverse else "forward"), {})[kind] = np.asarray(array)
    top = max((layer for layer, _ in parts), default=0)
    directions = ["forward", "backward"] if any(d == "backward" for _, d in parts) else ["forward"]
    layers = [
        {d: _from_torch(cell, gates, layer, d, parts.get((layer, d), {})) for d in directions}
        for layer in range(top + 1)
    ]
    return tuple(layers) if len(directions) > 1 else tuple(layer["forward"] for layer in layers)


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


def _from_torch(cell, gates, layer, direction, found):
    """One layer, one direction."""
    where = f"_l{layer}" + ("_reverse" if direction == "backward" else "")
    for kind in ("weight_ih", "weight_hh"):
        if kind not in found:
            raise ValueError(f"{kind}{where} is missing")
    rows, H = len(found["weight_hh"]), found["weight_hh"].shape[-1]
    if found["weight_hh"].shape != (gates * H, H):
        raise ValueError(f"weight_hh{where} of a {cell} must be ({gates}H, H), got {found['weight_hh'].shape}")
    for kind, array in found.items():
        if len(array) != rows:
            raise ValueError(f"{kind}{where} must have {gates}H = {rows} rows, got {array.shape}")
    b_ih, b_hh = (found.get(kind, np.zeros(rows, found["weight_hh"].dtype)) for kind in ("bias_ih", "bias_hh"))
    order = lambda W: _reorder(W, cell, gates)
    weights = {"W_xh": order(found["weight_ih"].T), "W_hh": order(found["weight_hh"].T)}
    if cell == "gru":  # of the state's bias, r's and z's parts are simply added; n's stays inside the reset
        outside = np.concatenate([b_hh[: 2 * H], np.zeros_like(b_hh[2 * H :])])
        return weights | {"b_h": b_ih + outside, "b_hn": b_hh[2 * H :].copy()}
    return weights | {"b_h": order(b_ih + b_hh)}


def _reorder(W, cell, gates):
    """i, f, g, o to i, f, o, g, or back: the last two gates change places. Always a copy."""
    parts = np.split(W, gates, axis=-1)
    return np.concatenate([*parts[:2], parts[3], parts[2]] if cell == "lstm" else parts, axis=-1)
