"""From gradients to better parameters. An optimizer is a law; its state is a nested dict that you hold.

    opt_state = optimizer.init(params)
    optimizer.update(params, grads, opt_state)      # params and opt_state are changed in place

p is a parameter, g its gradient dL/dp, t the number of the update, from 1. All laws are element by element.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from unrolled.autodiff.trees import leaves, tree_map


@dataclass(frozen=True)
class Optimizer:
    """What all have in common: zeros for every slot of its state, and one pass over the parameters."""

    learning_rate: float
    slots: ClassVar[tuple] = ()

    def __post_init__(self):
        if not self.learning_rate > 0:
            raise ValueError(f"the learning rate must be > 0, got {self.learning_rate}")
        for name in ("momentum", "decay", "beta1", "beta2"):
            if not 0 <= getattr(self, name, 0) < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, got {getattr(self, name)}")

    def init(self, params):
        """The state before the first update: t = 0, and zeros."""
        return {"t": np.zeros((), np.int64)} | {slot: tree_map(np.zeros_like, params) for slot in self.slots}

    def update(self, params, grads, opt_state):
        """One step against the gradient, in place. ValueError: grads and params do not have the same keys or shapes."""
        tree_map(_check_shape, params, grads)
        opt_state["t"] += 1
        t, slots = int(opt_state["t"]), [opt_state[slot] for slot in self.slots]
        tree_map(lambda p, g, *slots: self.change(p, g, t, *slots), params, grads, *slots)

    def change(self, p, g, t, *slots):
        """The law for one array, in place."""
        raise NotImplementedError


@dataclass(frozen=True)
class SGD(Optimizer):
    """p -= learning_rate g, or with momentum v = momentum v + g, p -= learning_rate v. Source: Polyak (1964)."""

    learning_rate: float = 0.1
    momentum: float = 0.0
    slots: ClassVar[tuple] = ("v",)

    def change(self, p, g, t, v):
        v *= self.momentum
        v += g
        p -= self.learning_rate * v


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """s += g^2, p -= learning_rate g / (sqrt(s) + eps). Source: Duchi, Hazan & Singer (2011)."""

    learning_rate: float = 0.1
    eps: float = 1e-10
    slots: ClassVar[tuple] = ("s",)

    def change(self, p, g, t, s):
        s += g * g
        p -= self.learning_rate * g / (np.sqrt(s) + self.eps)


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s = decay s + (1 - decay) g^2, p -= learning_rate g / (sqrt(s) + eps). Source: Tieleman & Hinton (2012)."""

    learning_rate: float = 2e-3
    decay: float = 0.95
    eps: float = 1e-8
    slots: ClassVar[tuple] = ("s",)

    def change(self, p, g, t, s):
        s *= self.decay
        s += (1 - self.decay) * g * g
        p -= self.learning_rate * g / (np.sqrt(s) + self.eps)


@dataclass(frozen=True)
class Adam(Optimizer):
    """m and v are running means of g and g^2, from which their start at zero is divided out:

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
    p -= learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps). Source: Kingma & Ba (2015), algorithm 1.
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    slots: ClassVar[tuple] = ("m", "v")

    def change(self, p, g, t, m, v):
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        p -= self.learning_rate / (1 - self.beta1**t) * m / (np.sqrt(v / (1 - self.beta2**t)) + self.eps)


@dataclass(frozen=True)
class Annealed(Optimizer):
    """Adam with a learning rate that rises in the first 2 % of a run, then falls to 0 as half a cosine wave.

    The run is `steps` updates long, or as long as `clock` says, a function () -> the share of it that is over.
    Weights are also drawn towards 0, by learning rate · weight_decay · p (Loshchilov & Hutter, 2019, algorithm 2).
    """

    learning_rate: float = 4e-3
    steps: int | None = 1000
    weight_decay: float = 0.0
    clock: Callable | None = field(default=None, repr=False, compare=False)
    slots: ClassVar[tuple] = Adam.slots

    def rate(self, t):
        """The learning rate of update t, from 1 to steps; after the last it stays where it is."""
        done = max(self.clock(), 1e-3) if self.clock else min(t, self.steps) / (self.steps + 1)
        return self.learning_rate * min(1.0, done / 0.02) * (1 + np.cos(np.pi * done)) / 2

    def change(self, p, g, t, m, v):
        """The law for one array, in place."""
        rate = float(self.rate(t))
        if rate:
            p *= 1 - rate * self.weight_decay
            Adam(rate).change(p, g, t, m, v)


def global_norm(grads):
    """The Euclidean norm over all gradients together."""
    wide = [np.asarray(g, np.float64) for _, g in leaves(grads)]  # float32 overflows where a norm passes 1e19
    return float(np.sqrt(sum(np.vdot(g, g) for g in wide)))


def clip_by_norm(grads, max_norm):
    """g max_norm / |g| where the global norm |g| exceeds max_norm: shorter, in the same direction.

    Source: Pascanu, Mikolov & Bengio (2013), algorithm 1.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm must be > 0, got {max_norm}")
    norm = global_norm(grads)
    return tree_map(lambda g: g * (float(max_norm) / norm), grads) if norm > max_norm else grads


def clip_by_value(grads, limit):
    """Each number cut to [-limit, limit] on its own: the direction changes."""
    if not limit > 0:
        raise ValueError(f"limit must be > 0, got {limit}")
    limit = float(limit)  # a Python number leaves float32 as it is
    return tree_map(lambda g: np.clip(g, -limit, limit), grads)


def _check_shape(p, g):
    if np.shape(g) != p.shape:
        raise ValueError(f"a gradient must have its parameter's shape {p.shape}, got {np.shape(g)}")
