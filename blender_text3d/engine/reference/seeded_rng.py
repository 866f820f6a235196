# SPDX-License-Identifier: GPL-3.0-or-later
"""The official samplers draw from torch's global stream, so a seed is planted there and the stream put back after."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """While this is open torch's global stream is that of a seed. On the CPU it is the stream of our own engine."""
    before = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.random.set_rng_state(before)
