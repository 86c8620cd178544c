"""Where gradients go, and how much of them arrives.

One-step functions (x, h, *weights) -> h are unrolled on the tape, so that every single state has its gradient.
"""

import numpy as np

from unrolled.autodiff.tape import Var, backward, value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells.stacks import stack_layers


def unroll(step, xs, h0, *weights, **config):
    """The states [h_0, h_1, …, h_T] as Vars, by T calls of step(x_t, h_{t-1}, *weights).        xs (T, N, D), h0 (N, H)

    xs is an array, or T Vars; h0 and the weights are arrays or Vars, and a weight may also be a list of T, one for
    each step (untied).
    """
    hs = [h0 if isinstance(h0, Var) else Var(h0, name="h_0")]
    for t, x in enumerate(xs):
        hs.append(step(x, hs[-1], *(w[t] if isinstance(w, list) else w for w in weights), **config))
        hs[-1].name = f"h_{t + 1}"
    return hs


def state_gradient_norms(loss, step, xs, h0, *weights, **config):
    """||dL/dh_t|| for t = 0 … T        loss(hs) -> scalar Var, of the Vars [h_0, …, h_T] -> (T + 1,)

    It is the total gradient, along every path, in the Frobenius norm over batch and units.
    """
    hs = unroll(step, xs, h0, *weights, **config)
    backward(loss(hs))
    return np.array([0.0 if h.grad is None else np.linalg.norm(h.grad) for h in hs])


def weight_gradient_terms(loss, step, xs, h0, *weights, **config):
    """What each time step adds to each weight's gradient: a list of arrays (T, *W.shape), whose sum over t is dL/dW.

    The network is run untied: step t has its own copy W_t, and term t is dL/dW_t.
    """
    copies = [[Var(w, name=f"W_{t + 1}") for t in range(len(xs))] for w in weights]
    backward(loss(unroll(step, xs, h0, *copies, **config)))
    return [np.stack([np.zeros_like(v.value) if v.grad is None else v.grad for v in copy]) for copy in copies]


def shares(terms):
    """<dW_t, dW> / <dW, dW>, the part of the whole gradient that each step's term makes: (T, …) -> (T,), sum 1."""
    total = terms.sum(0)
    square = np.vdot(total, total)
    if square == 0:
        raise ValueError("the shares of a gradient need one that is not 0")
    return np.array([np.vdot(term, total) for term in terms]) / square


def sensitivity(step, xs, h0, *weights, **config):
    """||dh_T/dx_t|| for t = 1 … T, the Frobenius norm of the Jacobian: how much h_T still depends on each input.

    xs (T, 1, D), h0 (1, H) -> (T,). ValueError: more than one sequence.
    """
    if len(h0) != 1:
        raise ValueError(f"the sensitivity is that of one sequence: h0 must be (1, H), got {h0.shape}")
    inputs = [Var(x) for x in xs]
    last = unroll(step, inputs, h0, *weights, **config)[-1]
    squares = np.zeros(len(inputs))
    for unit in np.eye(last.value.size):
        backward(last, unit.reshape(last.shape))
        squares += [np.vdot(x.grad, x.grad) for x in inputs]
    return np.sqrt(squares)


def gradient_by_layer(cell, xs, dys, states, layers, **how):
    """||dL/d(what layer k reads)|| for k = 1 … K, the lowest first, then ||dL/dys||: (K + 1,), for dL/dys = dys.

    cell, xs, states, layers, how: as `stack_layers` takes them. The norms are over all steps, rows and units.
    """
    kept = [Var(xs)]

    def keep(ys):
        kept.append(ys)
        return ys

    ys, _ = stack_layers(cell, kept[0], states, layers, between=keep, **how)
    backward(ys, dys)
    return np.array([np.linalg.norm(v.grad) for v in (*kept, ys)])


def truncated_gradients(loss, params, chunks, carry):
    """The gradients of truncated backpropagation: each chunk's own, added up; the state is carried as a number.

    loss(params, *chunk, carry) -> (scalar, next carry); the losses of the chunks must add up to the whole loss.
    One chunk that holds the whole sequence gives the full gradient.
    """
    differentiate = value_and_grad(loss, has_aux=True)
    total = tree_map(np.zeros_like, params)
    for chunk in chunks:
        (_, carry), grads = differentiate(params, *chunk, carry)
        total = tree_map(np.add, total, grads)
    return total


def cosine(a, b):
    """<a, b> / (|a| |b|) over all arrays of two nests: 1 for the same direction, 0 for a right angle."""
    pairs = leaves(tree_map(lambda x, y: np.stack([x, y], dtype=np.float64), a, b))
    flat = np.concatenate([pair.reshape(2, -1) for _, pair in pairs], axis=1)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    if not norms.all():
        raise ValueError(f"the cosine needs two vectors that are not 0, got norms {norms[0, 0]:.3g}, {norms[1, 0]:.3g}")
    return float(np.prod(flat / norms, axis=0).sum())


def spectral_radius(W):
    """The largest |eigenvalue| of a square matrix: the rate at which W^t grows or shrinks in the long run."""
    return float(np.abs(np.linalg.eigvals(W)).max())


def largest_singular_value(W):
    """The largest factor by which W can stretch a vector in one step: never below the spectral radius."""
    return float(np.linalg.norm(W, 2))
