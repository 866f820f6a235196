# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice of the device to run on, its product name and its precision."""

import torch
from torch import Tensor


class NoSuchDevice(Exception):
    """The requested device is not available."""


def pick_device(name: str) -> torch.device:
    """Return the device of a name; "auto" tries CUDA, then Apple's GPU, then the CPU.

    Raises:
        NoSuchDevice: the name is invalid or this machine has no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind, _, number = name.partition(":")
    counts = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if not (number or "0").isdecimal() or int(number or 0) >= counts.get(kind, 0):
        raise NoSuchDevice(f"The device '{name}' is not available on this machine; choose 'auto' or 'cpu'.")
    return torch.device(name)


def device_name(device: torch.device) -> str:
    """Return the device's product name, e.g. "NVIDIA H100" or "CPU, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads != 1)}"


def moved(tensor: Tensor, device: torch.device | str) -> Tensor:
    """Return a tensor of the CPU on a device; CUDA copies it without waiting for the work before.

    On Apple's GPU such a copy may read memory that was freed meanwhile, so there it waits.

    Source: pytorch/pytorch issue 189690 for Apple's GPU; CUDA stages what is not pinned before the call returns.
    """
    return tensor.to(device, non_blocking=torch.device(device).type == "cuda")


def precision_of(device: torch.device) -> torch.dtype:
    """Return the dtype of the large networks: half precision on CUDA, otherwise float32."""
    return torch.float16 if device.type == "cuda" else torch.float32
