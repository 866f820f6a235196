# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the official clip package be imported where torchvision is not installed.

It imports five names of torchvision.transforms for its picture preprocessing. Ours prepares the pictures here, so the
names are all that is needed.

Source: openai/CLIP, commit d05afc4, clip/clip.py, its imports.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType

NAMES = ("Compose", "Resize", "CenterCrop", "ToTensor", "Normalize")


@contextmanager
def torchvision_for_import() -> Iterator[None]:
    """While this is open `torchvision.transforms` can be imported; the stand-in is gone afterwards."""
    if find_spec("torchvision") is not None:
        yield
        return
    stand_ins = {"torchvision": ModuleType("torchvision"), "torchvision.transforms": transforms_stand_in()}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


def transforms_stand_in() -> ModuleType:
    """A module with the five names, each of which refuses to be used."""
    module = ModuleType("torchvision.transforms")
    for name in NAMES:
        setattr(module, name, refusing(name))
    return module


def refusing(name: str) -> type:
    """A class that says what is missing when it is called."""

    def refuse(self: object, *_arguments: object) -> None:
        raise ImportError(f"torchvision.transforms.{name} is not here: install torchvision to use clip's own pictures.")

    return type(name, (), {"__init__": refuse})
