# SPDX-License-Identifier: GPL-3.0-or-later
"""The pickle of a TorchScript archive, read as a table: modules become names and values, tensors become places.

A pickle is a program. The reader here lets it name only the functions that TorchScript itself writes, puts harmless
ones of our own in their stead, and refuses every other name.

Source: torch/csrc/jit/serialization/pickler.cpp; arguments of torch._utils._rebuild_tensor_v2.
"""

import io
from dataclasses import dataclass

from ..errors import BrokenWeights
from .restricted_unpickler import RestrictedUnpickler, is_shape, is_size

STORAGE_BYTES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8, "IntStorage": 4,
    "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
}  # fmt: skip
LISTS = {"build_intlist", "build_doublelist", "build_boollist", "build_tensorlist"}


@dataclass(frozen=True)
class Place:
    """A storage as the pickle names it; a class, so that no tuple from anybody passes for one."""

    storage: str
    key: str


@dataclass(frozen=True)
class TensorEntry:
    """A tensor as the pickle tells it: numbers of one storage, from `offset` on."""

    storage: str
    key: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def bytes_each(self) -> int:
        return STORAGE_BYTES[self.storage]


class Module:
    """What a module of the archive holds, by name."""

    def __init__(self):
        self.attributes: dict[str, object] = {}


def unpickled(pickled: bytes) -> Module:
    """The outermost module of an archive.

    Raises:
        BrokenWeights: The pickle is damaged or names something that it may not; told as what follows a file's name.
    """
    try:
        root = _Reader(io.BytesIO(pickled)).load()
    except (BrokenWeights, MemoryError):  # the latter is not the file's fault
        raise
    except Exception as error:  # whatever a damaged pickle makes of the reader
        raise BrokenWeights(f"has a table of tensors that cannot be read ({error!r:.100}).") from error
    if not isinstance(root, Module):
        raise BrokenWeights("is a zip, but not one that holds a TorchScript model.")
    return root


class _Reader(RestrictedUnpickler):
    def find_class(self, module: str, name: str) -> object:
        if module == "__torch__" or module.startswith("__torch__."):
            return Module
        if module == "torch" and name in STORAGE_BYTES:
            return name
        harmless = HARMLESS.get((module, name))
        if harmless is None:
            raise BrokenWeights(
                f"wants to call {module}.{name} when it is opened, which could do anything to this machine; "
                "it was not opened."
            )
        return harmless

    def new_object(self, kind: object, arguments: object) -> Module:
        if not (isinstance(kind, type) and issubclass(kind, Module)) or arguments != ():
            return super().new_object(kind, arguments)
        return kind()

    def set_state(self, thing: object, state: object) -> None:
        if not isinstance(thing, Module):
            return super().set_state(thing, state)
        found = state if isinstance(state, dict) else {}
        thing.attributes = {name: value for name, value in found.items() if isinstance(name, str)}

    def persistent_load(self, pid: object) -> Place:
        """("storage", type, key, device, count) -> type and key; the device of whoever saved it means nothing here."""
        kind, storage, key, _device, _count = pid
        if not all(isinstance(word, str) for word in (kind, storage, key)):
            raise ValueError("a storage without a name")
        if kind != "storage" or storage not in STORAGE_BYTES:
            raise ValueError("an unknown kind of storage")
        return Place(storage, key)


def _tensor_entry(place: Place, offset: int, shape: tuple, strides: tuple, *_rest: object) -> TensorEntry:
    if not isinstance(place, Place):
        raise ValueError("a tensor without a storage")
    if not (is_size(offset) and is_shape(shape) and is_shape(strides)) or len(shape) != len(strides):
        raise ValueError("a tensor of an impossible shape")
    return TensorEntry(place.storage, place.key, offset, tuple(shape), tuple(strides))


HARMLESS = {
    **{("torch.jit._pickle", name): lambda values: values for name in LISTS},
    ("collections", "OrderedDict"): lambda: {},
    ("torch._utils", "_rebuild_tensor_v2"): _tensor_entry,
    ("torch.jit._pickle", "restore_type_tag"): lambda value, _tag: value,
}
"""What stands in for the functions that TorchScript writes."""
