# SPDX-License-Identifier: GPL-3.0-or-later
"""The device guard that a build of PyTorch for CPUs lacks for other devices.

Some operations ask for one before anybody can step in. The device "meta" has one that does nothing, and lends it.
"""

import ctypes
from pathlib import Path

import torch

REGISTRY = "_ZN3c104impl26device_guard_impl_registryE"
NUMBERS = {"cuda": 1, "mps": 13, "meta": 14}
"""Places in the registry. Source: PyTorch 2.13, c10/core/DeviceType.h."""


def lend_guard(kind: str) -> None:
    """Give a device without a guard that of "meta".

    Raises:
        OSError, ValueError: this build of PyTorch has no such registry.
    """
    folder = Path(torch.__file__).parent / "lib"
    library = next(folder / name for name in ("libc10.so", "libc10.dylib", "c10.dll") if (folder / name).is_file())
    registry = (ctypes.c_void_p * (max(NUMBERS.values()) + 1)).in_dll(ctypes.CDLL(str(library)), REGISTRY)
    if not registry[NUMBERS[kind]]:
        registry[NUMBERS[kind]] = registry[NUMBERS["meta"]]
