# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeding of torch's global random stream, which the official samplers use."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded_rng(seed: int) -> Iterator[None]:
    """Seed torch's global stream within the context and restore it afterwards.

    On the CPU the numbers are those of `engine.diffusion.noise.Noise`.
    """
    before = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.random.set_rng_state(before)
