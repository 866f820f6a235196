# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's reader of pickles in Python, with what a table of tensors needs and no way to keep it busy for ever.

The one in C makes room for as many values as a file claims. What is put into a dictionary or a set is hashed, and
tuples of tuples that are all one and the same take as long to hash as if each stood for itself: keys are text here.
"""

import pickle

LARGEST_SIDE = 2**63
MOST_SIDES = 16


def is_size(value: object) -> bool:
    """Whether this may be a tensor's side, stride or offset; larger numbers take long to multiply."""
    return type(value) is int and 0 <= value < LARGEST_SIDE


def is_shape(values: object) -> bool:
    """Whether these may be a tensor's sides or strides."""
    return isinstance(values, list | tuple) and len(values) <= MOST_SIDES and all(map(is_size, values))


class StrictReader(pickle._Unpickler):
    """Refuses keys that are no text or small numbers, and sets altogether."""

    dispatch = dict(pickle._Unpickler.dispatch)

    def load_setitem(self) -> None:
        _check_keys([self.stack[-2]])
        super().load_setitem()

    def load_setitems(self) -> None:
        _check_keys(self.stack[::2])
        super().load_setitems()

    def load_dict(self) -> None:
        _check_keys(self.stack[::2])
        super().load_dict()

    def refuse_set(self) -> None:
        raise pickle.UnpicklingError("it holds a set")

    dispatch |= {
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
        pickle.DICT[0]: load_dict,
        pickle.FROZENSET[0]: refuse_set,
        pickle.EMPTY_SET[0]: refuse_set,
    }


def _check_keys(keys: list) -> None:
    if not all(isinstance(key, str) or is_size(key) for key in keys):
        raise pickle.UnpicklingError("it has a key that is no text")
