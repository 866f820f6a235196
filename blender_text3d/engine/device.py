# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device to run on, and what people call it."""

import torch


class NoSuchDevice(Exception):
    """The device asked for is not there."""


def pick_device(wanted: str) -> torch.device:
    """The device of a name; "auto" takes CUDA, then Apple's GPU, then the CPU.

    Raises:
        NoSuchDevice: the name means nothing or this machine has none of it.
    """
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind, _, number = wanted.partition(":")
    counts = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if not (number or "0").isdecimal() or int(number or 0) >= counts.get(kind, 0):
        raise NoSuchDevice(f"The device '{wanted}' is not available on this machine; choose 'auto' or 'cpu'.")
    return torch.device(wanted)


def device_name(device: torch.device) -> str:
    """What people call the device, e.g. "NVIDIA H100" or "CPU, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads != 1)}"


def precision_of(device: torch.device) -> torch.dtype:
    """What the large networks compute in: half precision where a GPU is made for it, else float32."""
    return torch.float16 if device.type == "cuda" else torch.float32
