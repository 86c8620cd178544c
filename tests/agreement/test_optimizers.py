"""Optimizers and clipping against PyTorch's, over 50 steps on a loss whose gradient changes as the parameters do."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves, tree_map
from unrolled.exercises.mistakes import mutate
from unrolled.learning.optimizers import SGD, Adagrad, Adam, RMSProp, clip_by_norm, clip_by_value, global_norm

# Each law with its settings, and PyTorch's name for it with its own.
TWINS = {
    "SGD": (SGD, {}, "SGD", {}),
    "momentum": (SGD, {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    "Adagrad": (Adagrad, {}, "Adagrad", {}),
    "Adagrad with its own eps": (Adagrad, {"eps": 0.3}, "Adagrad", {"eps": 0.3}),
    "RMSProp": (RMSProp, {}, "RMSprop", {"alpha": 0.95}),
    "RMSProp with its own decay": (RMSProp, {"decay": 0.8, "eps": 0.3}, "RMSprop", {"alpha": 0.8, "eps": 0.3}),
    "Adam": (Adam, {}, "Adam", {}),
    "Adam with its own betas": (
        Adam,
        {"beta1": 0.7, "beta2": 0.9, "eps": 0.3},
        "Adam",
        {"betas": (0.7, 0.9), "eps": 0.3},
    ),
}
MUTANTS = [
    ("SGD", "p -= self.learning_rate * v", "p += self.learning_rate * v", "uphill"),
    ("momentum", "v *= self.momentum", "v *= 1 - self.momentum", "the wrong share"),
    ("momentum", "p -= self.learning_rate * v", "p -= self.learning_rate * g", "the momentum is not used"),
    ("Adagrad", "s += g * g", "s[...] = g * g", "it forgets"),
    ("Adagrad", "self.learning_rate * g / (np.sqrt(s)", "self.learning_rate * g / (s", "the root is forgotten"),
    ("Adagrad with its own eps", "np.sqrt(s) + self.eps", "np.sqrt(s + self.eps)", "eps under the root"),
    ("RMSProp", "(1 - self.decay) * g * g", "g * g", "the weights do not add up to 1"),
    ("RMSProp with its own decay", "np.sqrt(s) + self.eps", "np.sqrt(s + self.eps)", "eps under the root"),
    ("Adam", "m / (np.sqrt(v / (1 - self.beta2**t))", "m / (np.sqrt(v)", "v's bias is not corrected"),
    ("Adam", "self.learning_rate / (1 - self.beta1**t) * m", "self.learning_rate * m", "m's bias is not corrected"),
    ("Adam", "(1 - self.beta1) * (g - m)", "(1 - self.beta2) * (g - m)", "beta2 for beta1"),
    ("Adam", "(g * g - v)", "(np.abs(g) - v)", "the square is forgotten"),
]


def start(rng):
    return {"rnn": {"W": rng.standard_normal((3, 4)), "b": rng.standard_normal(4)}, "scale": np.array(0.7)}


def furthest(torch, name, law=None, steps=50):
    """The largest difference of any parameter from PyTorch's over all steps."""
    original, config, twin, settings = TWINS[name]
    optimizer = (law or original)(learning_rate=0.05, **config)
    params = start(np.random.default_rng(1))
    tensors = [torch.tensor(leaf.copy(), requires_grad=True) for _, leaf in leaves(params)]
    theirs = getattr(torch.optim, twin)(tensors, lr=0.05, **settings)
    state, worst = optimizer.init(params), 0.0
    for step in range(steps):
        theirs.zero_grad()
        sum((t.sin() * (step + 1) ** 0.5 + 0.1 * t**2).sum() for t in tensors).backward()
        grads = tree_map(lambda p, step=step: np.cos(p) * (step + 1) ** 0.5 + 0.2 * p, params)
        optimizer.update(params, grads, state)
        theirs.step()
        for (_, leaf), tensor in zip(leaves(params), tensors, strict=True):
            worst = max(worst, np.abs(leaf - tensor.detach().numpy()).max())
    assert state["t"] == steps
    return worst


@pytest.mark.slow
@pytest.mark.parametrize("name", TWINS)
def test_fifty_steps_agree_with_pytorch(torch, name):
    assert furthest(torch, name) < 1e-10


@pytest.mark.slow
@pytest.mark.parametrize("name, old, new", [pytest.param(*m[:3], id=f"{m[0]}: {m[3]}") for m in MUTANTS])
def test_a_planted_mistake_is_found(torch, name, old, new):
    assert furthest(torch, name, mutate(TWINS[name][0], old, new), steps=5) > 1e-4


def gradients(torch, seed):
    """Gradients, and the same on PyTorch's parameters."""
    grads = start(np.random.default_rng(seed))
    tensors = [torch.zeros(np.shape(g), dtype=torch.float64, requires_grad=True) for _, g in leaves(grads)]
    for tensor, (_, g) in zip(tensors, leaves(grads), strict=True):
        tensor.grad = torch.tensor(g.copy())
    return grads, tensors


@pytest.mark.parametrize("max_norm", [0.5, 2.0, 1e6])
def test_clip_by_norm_agrees_with_pytorch(torch, max_norm):
    grads, tensors = gradients(torch, 2)
    norm = torch.nn.utils.clip_grad_norm_(tensors, max_norm).item()
    np.testing.assert_allclose(global_norm(grads), norm, rtol=1e-12)
    for (_, ours), tensor in zip(leaves(clip_by_norm(grads, max_norm)), tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=2e-6 / norm)  # PyTorch adds 1e-6 to the norm


def test_clip_by_value_agrees_with_pytorch(torch):
    grads, tensors = gradients(torch, 3)
    torch.nn.utils.clip_grad_value_(tensors, 0.6)
    for (_, ours), tensor in zip(leaves(clip_by_value(grads, 0.6)), tensors, strict=True):
        np.testing.assert_array_equal(ours, tensor.grad.numpy())
