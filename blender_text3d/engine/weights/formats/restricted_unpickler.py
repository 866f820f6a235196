# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's reader of pickles in Python, with what a table of tensors needs and no way to keep it busy for ever.

The one in C makes room for as many values as a file claims. What is put into a dictionary is hashed, and tuples of
tuples that are all one and the same take as long to hash as if each stood for itself: keys are text here.

Source: the opcodes in what torch.save and torch.jit.save of PyTorch 2.13 write, in pickle's protocols 2 to 5.
"""

import pickle
from typing import Any, NoReturn

MAX_SIDE = 2**63
MAX_SIDES = 16


def is_size(value: object) -> bool:
    """Whether this may be a tensor's side, stride or offset; larger numbers take long to multiply."""
    return type(value) is int and 0 <= value < MAX_SIDE


def is_shape(values: object) -> bool:
    """Whether these may be a tensor's sides or strides."""
    return isinstance(values, list | tuple) and len(values) <= MAX_SIDES and all(map(is_size, values))


class RestrictedUnpickler(pickle._Unpickler):
    """Does what torch's tables need, with keys that are text or small numbers; what else a pickle can do, it refuses.

    Who inherits gives in find_class only text and functions that are safe with any arguments, and classes only where
    new_object takes them.
    """

    def load_setitem(self) -> None:
        _check_keys([self.stack[-2]])
        super().load_setitem()

    def load_setitems(self) -> None:
        _check_keys(self.stack[::2])
        super().load_setitems()

    def load_newobj(self) -> None:
        arguments, kind = self.stack.pop(), self.stack.pop()
        self.append(self.new_object(kind, arguments))

    def load_build(self) -> None:
        state = self.stack.pop()
        self.set_state(self.stack[-1], state)

    def new_object(self, kind: Any, arguments: Any) -> object:
        """An object of a class, made without arguments; here none.

        Raises:
            UnpicklingError: There is none of this kind.
        """
        raise pickle.UnpicklingError("it makes something else than tensors")

    def set_state(self, thing: Any, state: Any) -> None:
        """Give a thing that was made its content; here to none.

        Raises:
            UnpicklingError: It is a thing that takes none.
        """
        raise pickle.UnpicklingError("it changes something else than tables")

    def refuse(self) -> NoReturn:
        raise pickle.UnpicklingError("it does what no table of tensors needs")

    _as_ever = (
        "PROTO", "FRAME", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1",
        "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
        "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "BINGET", "LONG_BINGET", "BINPUT", "LONG_BINPUT", "MEMOIZE",
        "GLOBAL", "STACK_GLOBAL", "BINPERSID", "REDUCE",
    )  # fmt: skip
    dispatch = dict.fromkeys(range(256), refuse)
    for _name in _as_ever:
        dispatch[getattr(pickle, _name)[0]] = pickle._Unpickler.dispatch[getattr(pickle, _name)[0]]
    dispatch |= {
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
        pickle.NEWOBJ[0]: load_newobj,
        pickle.BUILD[0]: load_build,
    }


def _check_keys(keys: list) -> None:
    if not all(isinstance(key, str) or is_size(key) for key in keys):
        raise pickle.UnpicklingError("it has a key that is no text")
