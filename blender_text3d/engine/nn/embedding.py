# SPDX-License-Identifier: GPL-3.0-or-later
"""Sinusoidal encodings: the timestep embedding and the encoding of positions."""

import math
from functools import lru_cache

import torch
from torch import Tensor


def timestep_embedding(timesteps: Tensor, width: int, max_period: float = 10_000.0) -> Tensor:
    """Return cosines, then sines, of the timestep at geometrically spaced frequencies.

    Args:
        timesteps: (B,) int64 or float32, may be fractional.
        width: even number of channels.

    Returns:
        (B, width) float32.

    Source: Vaswani et al. 2017, section 3.5; order as in Dhariwal and Nichol 2021.
    """
    angles = timesteps[:, None] * frequencies(width // 2, max_period, timesteps.device)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


@lru_cache(maxsize=8)
@torch.inference_mode(False)
def frequencies(count: int, max_period: float, device: torch.device) -> Tensor:
    """Return geometrically spaced frequencies, (count,) float32, from 1 to nearly 1 / max_period."""
    # The order of operations matters: at t = 1000 the last bit of a frequency is 6e-5 of an angle.
    return torch.exp(-math.log(max_period) * torch.arange(count, dtype=torch.float32, device=device) / count)


def positional_encoding(x: Tensor, octaves: int) -> Tensor:
    """Encode (..., C) float as (..., C + 2 C octaves): x, then all sin(2^k x), then all cos(2^k x), octave by octave.

    Source: Mildenhall et al. 2020 (NeRF), section 5.1, without the factor pi, as Shap-E uses it.
    """
    if octaves == 0:
        return x
    angles = (x[..., None, :] * octave_scales(octaves, x.dtype, x.device)).flatten(-2)
    return torch.cat([x, torch.sin(torch.cat([angles, angles + 0.5 * math.pi], dim=-1))], dim=-1)


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def octave_scales(octaves: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the powers of two, (octaves, 1) float, from 1."""
    return 2.0 ** torch.arange(octaves, device=device, dtype=dtype)[:, None]
