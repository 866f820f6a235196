# SPDX-License-Identifier: GPL-3.0-or-later
"""lazy_dataclass: a dataclass whose methods are compiled at its first use, not at import.

`dataclass` compiles the source of its methods at import, about half a millisecond per class. Most of the classes that
Blender imports when it registers the add-on are not used before the first job.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

__all__ = ["lazy_dataclass"]

INSTANCE_SLOTS = {"__dict__", "__weakref__"}
"""Entries of a class that Python makes for each class itself."""
_lock = threading.RLock()


def _lazy_dataclass(cls: type | None = None, /, **options: bool) -> Any:
    """Return the class, made a dataclass at the first instance, `fields`, `replace`, `asdict`, subclass or unpickling.

    Args:
        cls: The class.
        options: Those of `dataclass`, except `slots` and `weakref_slot`, which need a new class.
    """
    if cls is None:
        return lambda cls: _lazy_dataclass(cls, **options)
    own = cls

    def complete() -> None:
        with _lock:
            if isinstance(own.__dict__.get("__dataclass_fields__"), _LazyFields):
                names = {"__dataclass_fields__", "__init__", "__setstate__"}
                copied = {name: value for name, value in own.__dict__.items() if name not in names | INSTANCE_SLOTS}
                complete_init = vars(dataclass(**options)(type(own.__name__, own.__bases__, copied)))["__init__"]
                for name in names - {"__init__"}:  # never without: another thread would call that of a base class
                    delattr(own, name)
                dataclass(**options | {"init": False})(own)
                own.__init__ = complete_init  # type: ignore[misc]

    def init(self: Any, /, *values: Any, **named: Any) -> None:
        complete()
        own.__init__(self, *values, **named)  # type: ignore[misc]

    def set_state(self: Any, state: dict[str, Any]) -> None:
        complete()
        self.__dict__.update(state)

    for name, value in {
        "__dataclass_fields__": _LazyFields(complete),
        "__init__": init,
        "__setstate__": set_state,
    }.items():
        setattr(own, name, value)
    return own


class _LazyFields:
    """Descriptor in place of a class's `__dataclass_fields__`, which everything in `dataclasses` reads first."""

    def __init__(self, complete: Callable[[], None]):
        self._complete = complete

    def __get__(self, instance: object, owner: Any) -> dict[str, Any]:
        self._complete()
        fields: dict[str, Any] = owner.__dataclass_fields__
        return fields


if TYPE_CHECKING:
    from dataclasses import dataclass as lazy_dataclass
else:
    lazy_dataclass = _lazy_dataclass
