# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments and results of operations as trees of tuples, lists and dictionaries.

PyTorch's own functions for trees describe each tree before they use it, which took nine tenths of the time of a small
network on the simulated device.
"""

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> Iterator[Any]:
    """Yield what is in a tree, in order."""
    if is_sequence(tree):
        for branch in tree:
            yield from leaves(branch)
    elif isinstance(tree, dict):
        for branch in tree.values():
            yield from leaves(branch)
    else:
        yield tree


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return the tree with the function's results in place of what is in it."""
    if is_sequence(tree):
        branches = [mapped(function, branch) for branch in tree]
        is_named = hasattr(tree, "_fields")  # a named tuple takes its fields one by one, the others one sequence
        return type(tree)(*branches) if is_named else type(tree)(branches)
    if isinstance(tree, dict):
        return {name: mapped(function, branch) for name, branch in tree.items()}
    return function(tree)


def is_sequence(tree: Any) -> bool:
    """True for lists, tuples, named tuples and PyTorch's results by name, and false for a shape."""
    kind = type(tree)
    return (
        kind is tuple
        or kind is list
        or (isinstance(tree, tuple) and (hasattr(kind, "_fields") or hasattr(kind, "n_fields")))
    )
