# SPDX-License-Identifier: GPL-3.0-or-later
"""The tensors of a weights file, of whichever kind it is, mapped from the disk: what nobody reads takes no memory."""

import pickle
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import BrokenWeights
from . import torch_zip
from .torchscript import is_torchscript
from .torchscript_tensors import torchscript_tensors


def read_tensors(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Tensor]:
    """The wanted tensors of a .pt, .bin, TorchScript or safetensors file, in the file's precision, on the CPU.

    Nothing in the file is run: pickles are read by torch's reader that knows tensors alone.

    Args:
        path: The file. It must stay as it is while the tensors are in use.
        wanted: Which names; the others are not read.

    Raises:
        BrokenWeights: It is missing, cut short, damaged, or asks for code.
    """
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) == torch_zip.MAGIC
    except OSError as error:
        raise BrokenWeights(f"{path} cannot be read ({error.strerror}).") from error
    if not is_zip:
        return _of_safetensors(path, wanted)
    return torchscript_tensors(path, wanted) if is_torchscript(path) else _of_zip(path, wanted)


def _of_zip(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise BrokenWeights(
            f"{path.name} holds more than tensors; it was not opened, since it could do anything."
        ) from (error)
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # whatever a damaged file makes of torch's reader
        raise _damaged(path, error) from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise BrokenWeights(f"{path.name} holds more than tensors by name.")
    return {name: tensor for name, tensor in found.items() if wanted(name)}


def _of_safetensors(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {name: file.get_tensor(name) for name in file.keys() if wanted(name)}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, MemoryError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> BrokenWeights:
    return BrokenWeights(f"{path.name} is cut short or damaged ({repr(error).splitlines()[0]:.100}).")
