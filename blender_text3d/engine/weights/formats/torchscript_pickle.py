# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the pickle of a TorchScript archive as data: modules become named attributes, tensors become references.

A pickle is a program. This unpickler allows only the functions that TorchScript itself writes, replaces them with
harmless ones, and refuses every other name.

Source: torch/csrc/jit/serialization/pickler.cpp; arguments of torch._utils._rebuild_tensor_v2.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import BrokenWeights
from .restricted_unpickler import RestrictedUnpickler, is_shape, is_size
from .torch_zip import STORAGE_BYTES

LIST_FUNCTIONS = ("build_intlist", "build_doublelist", "build_boollist", "build_tensorlist")


@dataclass(frozen=True)
class StorageRef:
    """A storage as the pickle names it; a class, so that a tuple in an untrusted file cannot pass for one."""

    storage: str
    key: str


@dataclass(frozen=True)
class TensorEntry:
    """A tensor as the pickle describes it: numbers of one storage, starting at `offset`."""

    storage: str
    key: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def bytes_per_number(self) -> int:
        return STORAGE_BYTES[self.storage]


class Module:
    """A module of the archive, with its attributes by name."""

    def __init__(self) -> None:
        self.attributes: dict[str, object] = {}


def unpickle_module(pickled: bytes) -> Module:
    """Return the root module of an archive.

    Raises:
        BrokenWeights: The pickle is corrupt or has a name that is not allowed; the message follows a file's name.
    """
    try:
        root = _ModuleUnpickler(io.BytesIO(pickled)).load()
    except (BrokenWeights, MemoryError):  # lack of memory is not the file's fault
        raise
    except Exception as error:  # a corrupt pickle can raise anything in its reader
        raise BrokenWeights(f"has a table of tensors that cannot be read ({error!r:.100}).") from error
    if not isinstance(root, Module):
        raise BrokenWeights("is a zip without a TorchScript model.")
    return root


class _ModuleUnpickler(RestrictedUnpickler):
    def find_class(self, module: str, name: str) -> object:
        if module == "__torch__" or module.startswith("__torch__."):
            return Module
        if module == "torch" and name in STORAGE_BYTES:
            return name
        safe = SAFE_FUNCTIONS.get((module, name))
        if safe is None:
            raise BrokenWeights(
                f"would call {module}.{name}, which could run any code on this machine; it was not opened."
            )
        return safe

    def new_object(self, kind: Any, arguments: Any) -> object:
        if not (isinstance(kind, type) and issubclass(kind, Module)) or arguments != ():
            return super().new_object(kind, arguments)
        return kind()

    def set_state(self, target: Any, state: Any) -> None:
        if not isinstance(target, Module):
            super().set_state(target, state)
            return
        attributes = state if isinstance(state, dict) else {}
        target.attributes = {name: value for name, value in attributes.items() if isinstance(name, str)}

    def persistent_load(self, pid: Any) -> StorageRef:
        """Return a reference for ("storage", type, key, device, count); the device that it was saved on is ignored."""
        kind, storage, key, _device, _count = pid
        if not all(isinstance(part, str) for part in (kind, storage, key)):
            raise ValueError("a storage without a name")
        if kind != "storage" or storage not in STORAGE_BYTES:
            raise ValueError("an unknown kind of storage")
        return StorageRef(storage, key)


def _tensor_entry(ref: StorageRef, offset: int, shape: tuple, strides: tuple, *_rest: object) -> TensorEntry:
    if not isinstance(ref, StorageRef):
        raise ValueError("a tensor without a storage")
    if not (is_size(offset) and is_shape(shape) and is_shape(strides)) or len(shape) != len(strides):
        raise ValueError("a tensor has an invalid shape")
    return TensorEntry(ref.storage, ref.key, offset, tuple(shape), tuple(strides))


SAFE_FUNCTIONS: dict[tuple[str, str], Callable] = {
    **{("torch.jit._pickle", name): lambda values: values for name in LIST_FUNCTIONS},
    ("collections", "OrderedDict"): lambda: {},
    ("torch._utils", "_rebuild_tensor_v2"): _tensor_entry,
    ("torch.jit._pickle", "restore_type_tag"): lambda value, _tag: value,
}
"""Replacements of the functions that TorchScript writes."""
