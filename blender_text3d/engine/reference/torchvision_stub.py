# SPDX-License-Identifier: GPL-3.0-or-later
"""A stub that lets the official clip package be imported without torchvision.

The package imports five names of torchvision.transforms for its image preprocessing. This engine preprocesses images
itself, so only the names are needed.

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
    """Within the context `torchvision.transforms` can be imported; the stub is removed afterwards."""
    if find_spec("torchvision") is not None:
        yield
        return
    stubs = {"torchvision": ModuleType("torchvision"), "torchvision.transforms": transforms_stub()}
    sys.modules.update(stubs)
    try:
        yield
    finally:
        for name in stubs:
            del sys.modules[name]


def transforms_stub() -> ModuleType:
    """Return a module with the five names, each of which raises when it is called."""
    module = ModuleType("torchvision.transforms")
    for name in NAMES:
        setattr(module, name, stub_class(name))
    return module


def stub_class(name: str) -> type:
    """Return a class that raises ImportError when it is called."""

    def refuse(self: object, *_arguments: object) -> None:
        raise ImportError(
            f"torchvision.transforms.{name} is a stub; install torchvision to use clip's own preprocessing."
        )

    return type(name, (), {"__init__": refuse})
