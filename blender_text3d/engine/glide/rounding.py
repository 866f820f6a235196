# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as bytes, and rounded like bytes for the network that enlarges them."""

import numpy as np
from torch import Tensor

HALF_RANGE = 127.5


def to_bytes(pictures: Tensor) -> np.ndarray:
    """Return pictures (B, 3, H, W) float32 as (B, H, W, 3) uint8 sRGB."""
    levels = ((pictures.float() + 1) * HALF_RANGE).round().clamp(0, 255)
    return levels.byte().permute(0, 2, 3, 1).contiguous().cpu().numpy()


def rounded(pictures: Tensor) -> Tensor:
    """Return pictures (B, 3, H, W) float32 rounded to the levels of bytes, as the upsampler was given; not clamped."""
    return ((pictures + 1) * HALF_RANGE).round() / HALF_RANGE - 1
