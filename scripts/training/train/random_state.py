# SPDX-License-Identifier: GPL-3.0-or-later
"""States of the random generators of a training run, so that a resumed run draws the numbers of an unbroken one."""

import numpy as np
import torch


def states_of(generators: tuple[np.random.Generator, ...] = ()) -> dict:
    """Return the states of PyTorch's generators, of all devices in use, and of some of NumPy's."""
    return {
        "cpu": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
        "numpy": [generator.bit_generator.state for generator in generators],
    }


def restore(states: dict, generators: tuple[np.random.Generator, ...] = ()) -> None:
    """Set the generators to states from `states_of`."""
    torch.set_rng_state(states["cpu"].cpu())
    if states["cuda"] and torch.cuda.is_initialized():
        torch.cuda.set_rng_state_all([state.cpu() for state in states["cuda"]])
    for generator, state in zip(generators, states["numpy"], strict=True):
        generator.bit_generator.state = state
