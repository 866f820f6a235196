# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads of PyTorch on a CPU while a small model runs.

Operations of the small models take microseconds, and each one waits for all of its threads. Blender and the writing of
files need a core as well: if a thread has to wait for its core, every operation does. On two cores that others use too,
sampling with two threads took five times as long as with one (1.6 s and 0.3 s), and five times as much processor time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

MAX_SMALL_MODEL_THREADS = 4


@contextmanager
def threads_for(model: str, device: torch.device) -> Iterator[None]:
    """Leave a core to others within the context, if a small model runs on a CPU."""
    before = torch.get_num_threads()
    is_small = model.startswith("mini/") and device.type == "cpu"
    threads = min(before, small_model_threads(available_cores())) if is_small else before
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def small_model_threads(cores: int) -> int:
    """Return the number of threads for a small model on a machine with so many cores."""
    return max(1, min(cores - 1, MAX_SMALL_MODEL_THREADS))


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
