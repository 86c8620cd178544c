"""The computational graph: a value that knows how it was made, and the walk that carries gradients back.

A differentiable function returns its value and a *pullback*: the function that takes a gradient of the value to one
gradient for each positional parameter. `@differentiable` gives it two faces: with plain arrays, it returns arrays;
with a `Var` among them, a `Var`, and it leaves a `Record` of what was done. `backward` reads the records in reverse.
"""

import inspect
import weakref
from functools import wraps
from itertools import count

import numpy as np

from unrolled.autodiff.trees import leaves, tree_map

_next = count()


class Record:
    """One line of the tape: outputs = name(inputs), and how a gradient goes back through it.

    inputs   the Vars among the arguments of the function `name`, and `slots`: at which positions they stood
    outputs  the Vars that it made, as far as they are still in use
    made     a weak reference to each of those Vars, its shape and dtype, which are known when it is gone
    visit    when `backward` came here: 0, 1, 2, … (None before)
    """

    def __init__(self, name, inputs, slots, pullback):
        self.name, self.inputs, self.slots, self.pullback = name, inputs, slots, pullback
        self.visit, self.order = None, next(_next)

    def make(self, values):
        """A Var for each value. Known here by weak references: a cycle would keep every tape alive until a sweep."""
        made = tuple(Var(value, record=self) for value in values)
        self.made = [(weakref.ref(v), v.shape, v.dtype) for v in made]
        return made

    outputs = property(lambda self: tuple(v for ref, _, _ in self.made if (v := ref()) is not None))

    def shares(self, flowed):
        """The gradient that each input gets, None where none flows; flowed: that of each Var in `made`, or None."""
        if all(d is None for d in flowed):
            return [None] * len(self.inputs)
        ds = [np.zeros(shape, dtype) if d is None else d for d, (_, shape, dtype) in zip(flowed, self.made)]
        gradients = self.pullback(*ds)
        if not isinstance(gradients, tuple) or len(gradients) <= self.slots[-1]:
            raise TypeError(f"the pullback of {self.name} must return a tuple with one gradient for each parameter")
        for v, slot in zip(self.inputs, self.slots, strict=True):
            if gradients[slot] is not None and np.shape(gradients[slot]) != v.shape:
                where = f"for its argument {slot}, got {np.shape(gradients[slot])}"
                raise ValueError(f"the pullback of {self.name} must return a gradient of shape {v.shape} {where}")
        return [gradients[slot] for slot in self.slots]

    def pull(self):
        """Add its share to the gradient of each input."""
        shares = self.shares([getattr(ref(), "grad", None) for ref, _, _ in self.made])
        for v, share in zip(self.inputs, shares, strict=True):
            if share is not None:
                v.grad = share if v.grad is None else v.grad + share

    def __repr__(self):
        shapes = ", ".join(f"{v.name or ''}{v.shape}" for v in self.inputs)
        return f"{self.name}({shapes}) -> {', '.join(str(v.shape) for v in self.outputs)}"


class Var:
    """An array on the tape.

    value  the array            grad    dL/dvalue, of the same shape, once `backward` has been here
    name   for drawings         record  the Record of the function that made it; None for a leaf
    """

    def __init__(self, value, name=None, record=None):
        self.value = np.asarray(value)
        if self.value.dtype.kind != "f":
            raise TypeError(f"{name or 'a Var'} must hold floats, got dtype {self.value.dtype}")
        self.grad, self.name, self.record = None, name, record

    shape = property(lambda self: self.value.shape)
    dtype = property(lambda self: self.value.dtype)
    __len__ = lambda self: len(self.value)

    def __iter__(self):
        raise TypeError("a Var is not iterated: unstack(xs) gives all steps at once, xs[t] costs T^2 on the tape")

    def __array__(self, *args, **kwargs):
        raise TypeError("a Var is not an array: use a function of autodiff.ops, or .value, which leaves the tape")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):  # NumPy asks here: array + Var, np.tanh(Var)
        if method != "__call__" or kwargs or ufunc not in _OPERATORS:
            raise TypeError(f"NumPy's {ufunc.__name__} takes no Var: use autodiff.ops, or .value to leave the tape")
        return _OPERATORS[ufunc](*inputs)

    def __repr__(self):
        return f"Var({self.name or (self.record.name if self.record else 'leaf')}, shape={self.shape})"

    __add__ = lambda self, other: add(self, other)
    __radd__ = lambda self, other: add(other, self)
    __sub__ = lambda self, other: subtract(self, other)
    __rsub__ = lambda self, other: subtract(other, self)
    __mul__ = lambda self, other: multiply(self, other)
    __rmul__ = lambda self, other: multiply(other, self)
    __truediv__ = lambda self, other: divide(self, other)
    __rtruediv__ = lambda self, other: divide(other, self)
    __matmul__ = lambda self, other: matmul(self, other)
    __rmatmul__ = lambda self, other: matmul(other, self)
    __neg__ = lambda self: negative(self)
    __pow__ = lambda self, exponent: power(self, exponent=exponent)
    __getitem__ = lambda self, key: index(self, key=key)


def differentiable(function):
    """Give a function that returns (value, pullback) its two faces: f(...) and f.with_pullback(...).

    Keywords bind to parameters by signature. The pullback takes one gradient for each value and returns one gradient
    for each positional parameter, None for integers and masks. Parameters after * are configuration.
    """
    signature = inspect.signature(function)
    configuration = {p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY}

    def bind(args, kwargs):
        if kwargs.keys() <= configuration:
            return args, kwargs
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args, bound.kwargs

    @wraps(function)
    def with_pullback(*args, **kwargs):
        args, kwargs = bind(args, kwargs)
        if any(isinstance(a, Var) for a in args):
            raise TypeError(f"{function.__name__}.with_pullback takes arrays, got a Var: pass its .value")
        values, pullback = function(*args, **kwargs)
        shapes = [np.shape(v) for v in (values if isinstance(values, tuple) else (values,))]

        def checked(*ds):
            if (got := [np.shape(d) for d in ds]) != shapes:
                raise ValueError(f"the pullback of {function.__name__} takes gradients of shapes {shapes}, got {got}")
            return pullback(*ds)

        return values, checked

    @wraps(function)
    def on_tape(*args, **kwargs):
        args, kwargs = bind(args, kwargs)
        for name, value in kwargs.items():
            if isinstance(value, Var):
                raise TypeError(f"{name} of {function.__name__} is configuration and takes no gradient, got a Var")
        slots = [i for i, a in enumerate(args) if isinstance(a, Var)]
        values, pullback = function(*(a.value if isinstance(a, Var) else a for a in args), **kwargs)
        if not slots:
            return values
        record = Record(function.__name__, tuple(args[i] for i in slots), slots, pullback)
        return record.make(values) if isinstance(values, tuple) else record.make((values,))[0]

    on_tape.with_pullback = with_pullback
    return on_tape


def history(*variables):
    """Every Record that these Vars were made by, in forward order: a record stands after those that it depends on."""
    records, waiting = set(), [v.record for v in variables if v.record]
    while waiting:
        record = waiting.pop()
        if record not in records:
            records.add(record)
            waiting.extend(v.record for v in record.inputs if v.record)
    return sorted(records, key=lambda record: record.order)  # what is made later depends only on what was made before


def backward(y, gradient=None):
    """Set .grad of every Var that y depends on, and return the Records in the order of the visits.

    A value that was used twice adds its gradients. Gradients of an earlier call are forgotten, not added to.
    gradient  dL/dy, of y's shape; 1 where y is a scalar (a ValueError otherwise). TypeError: y is no Var.
    """
    if not isinstance(y, Var):
        raise TypeError(f"backward needs a Var, got {type(y).__name__}: no Var led to it")
    gradient = np.asarray(1 if gradient is None else gradient, y.dtype)
    if gradient.shape != y.shape:
        raise ValueError(f"backward needs a scalar, or a gradient of y's shape {y.shape}, got shape {gradient.shape}")
    records = history(y)[::-1]
    for v in (v for record in records for v in (*record.inputs, *record.outputs)):
        v.grad = None
    y.grad = gradient
    for visit, record in enumerate(records):
        record.visit = visit
        record.pull()
    return records


def value_and_grad(loss, has_aux=False):
    """A function of (params, *args) that returns the loss and its gradients, in the same nested dict as params.

    With has_aux, loss returns (loss, anything else), and the first result is that pair; what leaves is plain arrays.
    A parameter that was not used gets zeros. ValueError: the loss is no scalar, is no Var, or comes without its aux.
    """

    @wraps(loss)
    def with_gradients(params, *args, **kwargs):
        named = iter(leaves(params))
        variables = tree_map(lambda leaf: Var(leaf, name=".".join(next(named)[0])), params)
        result = loss(variables, *args, **kwargs)
        if has_aux and not (isinstance(result, tuple) and len(result) == 2):
            raise ValueError(f"with has_aux the loss must return (loss, aux), got {type(result).__name__}")
        value, aux = result if has_aux else (result, None)
        if not isinstance(value, Var):
            raise ValueError(f"the loss must be a Var made from the parameters, got {type(value).__name__}")
        backward(value)
        grads = tree_map(lambda v: np.zeros_like(v.value) if v.grad is None else v.grad, variables)
        return ((value.value, _plain(aux)) if has_aux else value.value), grads

    return with_gradients


def _plain(value):
    """The same nest of dicts, lists and tuples with arrays in place of Vars."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return getattr(value, "_make", type(value))(map(_plain, value))  # a NamedTuple is made by _make
    return value.value if isinstance(value, Var) else value


def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which its argument, of this shape, was broadcast."""
    if gradient.shape == shape:
        return gradient
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 != gradient.shape[i])
    return gradient.sum(axis=stretched, keepdims=True)


@differentiable
def add(a, b):
    """a + b, broadcast."""
    return a + b, lambda d: (unbroadcast(d, np.shape(a)), unbroadcast(d, np.shape(b)))


@differentiable
def subtract(a, b):
    """a - b, broadcast."""
    return a - b, lambda d: (unbroadcast(d, np.shape(a)), unbroadcast(-d, np.shape(b)))


@differentiable
def multiply(a, b):
    """a * b element by element, broadcast: each side's local derivative is the other side."""
    return a * b, lambda d: (unbroadcast(d * b, np.shape(a)), unbroadcast(d * a, np.shape(b)))


@differentiable
def divide(a, b):
    """a / b element by element, broadcast."""
    return a / b, lambda d: (unbroadcast(d / b, np.shape(a)), unbroadcast(-d * a / b**2, np.shape(b)))


@differentiable
def negative(x):
    """-x."""
    return -x, lambda d: (-d,)


@differentiable
def power(x, *, exponent):
    """x ** exponent, for a fixed number."""
    return x**exponent, lambda d: (d * (exponent * x ** (exponent - 1)),)


@differentiable
def matmul(a, b):
    """a @ b over the last two axes; the axes before them are broadcast. (…, n, k) @ (…, k, m) -> (…, n, m)

    ValueError: a vector (write it as a row, (1, k)), or inner sizes that differ.
    """
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] != b.shape[-2]:
        raise ValueError(f"a @ b must be (…, n, k) @ (…, k, m), got {a.shape} @ {b.shape}")

    def pullback(d):
        if b.ndim == 2:  # one matrix for all: one product, instead of one for each leading index and then a sum
            return d @ b.T, a.reshape(-1, a.shape[-1]).T @ d.reshape(-1, d.shape[-1])
        return unbroadcast(d @ b.swapaxes(-1, -2), a.shape), unbroadcast(a.swapaxes(-1, -2) @ d, b.shape)

    return a @ b, pullback


@differentiable
def index(x, *, key):
    """x[key] by NumPy's rules; what was picked twice adds its gradients."""

    def pullback(d):
        dx = np.zeros_like(x)
        np.add.at(dx, key, d)
        return (dx,)

    return x[key], pullback


_OPERATORS = {np.add: add, np.subtract: subtract, np.multiply: multiply, np.divide: divide, np.matmul: matmul}
