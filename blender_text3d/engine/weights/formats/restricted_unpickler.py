# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's pure-Python unpickler, reduced to the opcodes that a table of tensors needs, with bounded time and memory.

The unpickler in C allocates as many values as a file claims to have. Dictionary keys must be text or small integers,
since a nested tuple of shared tuples takes exponential time to hash.

Source: the opcodes in the output of torch.save and torch.jit.save of PyTorch 2.13, in pickle's protocols 2 to 5.
"""

import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

MAX_SIZE = 2**63
MAX_AXES = 16

if TYPE_CHECKING:

    class _Unpickler(pickle.Unpickler):
        """The pure-Python unpickler's attributes, which type stubs do not have."""

        stack: list[Any]
        append: Callable[[Any], None]
        dispatch: dict[int, Callable[[Any], None]]

        def load_setitem(self) -> None: ...
        def load_setitems(self) -> None: ...
else:
    _Unpickler = pickle._Unpickler


def is_size(value: object) -> bool:
    """True if this may be a side, stride or offset of a tensor; larger integers are slow to multiply."""
    return type(value) is int and 0 <= value < MAX_SIZE


def is_shape(values: object) -> bool:
    """True if these may be the shape or strides of a tensor."""
    return isinstance(values, list | tuple) and len(values) <= MAX_AXES and all(map(is_size, values))


class RestrictedUnpickler(_Unpickler):
    """Unpickles what torch's tables need, with keys that are text or small integers, and refuses everything else.

    A subclass's find_class may return only text, functions that are safe with any arguments, and classes that its
    new_object accepts.
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
        """Return an object of a class, created without arguments; not allowed here.

        Raises:
            UnpicklingError: The class is not allowed.
        """
        raise pickle.UnpicklingError("it creates objects other than tensors")

    def set_state(self, target: Any, state: Any) -> None:
        """Set the state of a created object; not allowed here.

        Raises:
            UnpicklingError: The object is not allowed to have a state.
        """
        raise pickle.UnpicklingError("it changes objects other than tables")

    def refuse(self) -> NoReturn:
        raise pickle.UnpicklingError("it uses an operation that a table of tensors does not need")

    _inherited_opcodes = (
        "PROTO", "FRAME", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1",
        "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
        "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "BINGET", "LONG_BINGET", "BINPUT", "LONG_BINPUT", "MEMOIZE",
        "GLOBAL", "STACK_GLOBAL", "BINPERSID", "REDUCE",
    )  # fmt: skip
    dispatch: dict[int, Callable[[Any], None]] = dict.fromkeys(range(256), refuse)
    for _name in _inherited_opcodes:
        dispatch[getattr(pickle, _name)[0]] = _Unpickler.dispatch[getattr(pickle, _name)[0]]
    dispatch |= {
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
        pickle.NEWOBJ[0]: load_newobj,
        pickle.BUILD[0]: load_build,
    }


def _check_keys(keys: list) -> None:
    if not all(isinstance(key, str) or is_size(key) for key in keys):
        raise pickle.UnpicklingError("it has a key that is neither text nor a small integer")
