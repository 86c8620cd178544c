"""Nested dicts and tuples of arrays: how parameters, gradients, carried states and an optimizer's state are kept."""


def leaves(tree, path=()):
    """All (path, leaf) in order.

    {"rnn": {"b_h": b}, "state": (h, c)} -> [(("rnn", "b_h"), b), (("state", "0"), h), (("state", "1"), c)]
    """
    if not isinstance(tree, dict | tuple):
        return [(path, tree)]
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return [leaf for key, branch in items for leaf in leaves(branch, (*path, str(key)))]


def tree_map(function, tree, *others):
    """The same nest with function(leaf, *leaves of the others) at every leaf.

    ValueError: the trees do not have the same keys.
    """
    for other in others:
        if not _alike(tree, other):
            raise ValueError(f"trees must have the same keys, got {_keys(tree)} and {_keys(other)}")
    if not isinstance(tree, dict | tuple):
        return function(tree, *others)
    if isinstance(tree, tuple):
        return tuple(tree_map(function, *branches) for branches in zip(tree, *others, strict=True))
    return {key: tree_map(function, branch, *(other[key] for other in others)) for key, branch in tree.items()}


def _alike(tree, other):
    if isinstance(tree, dict):
        return isinstance(other, dict) and other.keys() == tree.keys()
    if isinstance(tree, tuple):
        return isinstance(other, tuple) and len(other) == len(tree)
    return not isinstance(other, dict | tuple)


def _keys(tree):
    if isinstance(tree, dict):
        return sorted(map(str, tree))
    return f"a tuple of {len(tree)}" if isinstance(tree, tuple) else "a leaf"
