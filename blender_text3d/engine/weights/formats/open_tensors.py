# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the tensors of a weights file of any format, mapped from the disk: what is not used takes no memory."""

import pickle
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import BrokenWeights
from . import torch_zip
from .torchscript import is_torchscript, torchscript_tensors


def read_tensors(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Tensor]:
    """Return the wanted tensors of a .pt, .bin, TorchScript or safetensors file, with the file's dtype, on the CPU.

    Nothing in the file is run: pickles are read by torch's weights-only unpickler.

    Args:
        path: The file. It must not change while the tensors are in use.
        wanted: True for the names to read.

    Raises:
        BrokenWeights: It is missing, truncated, corrupt, or would run code.
    """
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) == torch_zip.MAGIC
    except OSError as error:
        raise BrokenWeights(f"{path} cannot be read ({error.strerror}).") from error
    if not is_zip:
        return _read_safetensors(path, wanted)
    return torchscript_tensors(path, wanted) if is_torchscript(path) else _read_torch_zip(path, wanted)


def _read_torch_zip(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise BrokenWeights(
            f"{path.name} contains more than tensors; it was not opened, since it could run any code."
        ) from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # a corrupt file can raise anything in torch's reader
        raise _corrupt(path, error) from error
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise BrokenWeights(f"{path.name} contains more than named tensors.")
    return {name: tensor for name, tensor in tensors.items() if wanted(name)}


def _read_safetensors(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {name: file.get_tensor(name) for name in file.keys() if wanted(name)}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, MemoryError) as error:
        raise _corrupt(path, error) from error


def _corrupt(path: Path, error: Exception) -> BrokenWeights:
    return BrokenWeights(f"{path.name} is truncated or corrupt ({repr(error).splitlines()[0]:.100}).")
