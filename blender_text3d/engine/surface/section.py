# SPDX-License-Identifier: GPL-3.0-or-later
"""A section through a field, to look at."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

SECTION = 96
"""Points along each side."""
HALF_SIDE = 1.0
"""Of the square, in model space."""


def section_of(field: Callable[[Tensor], Tensor], device: torch.device) -> np.ndarray:
    """Return the values of a field in the plane x = 0 of model space.

    Args:
        field: (M, 3) float32 -> (M,) float32.
        device: device of the field.

    Returns:
        (SECTION, SECTION) float32; z grows along the first axis, y along the second.
    """
    along = torch.linspace(-HALF_SIDE, HALF_SIDE, SECTION, device=device)
    z, y = torch.meshgrid(along, along, indexing="ij")
    points = torch.stack([torch.zeros_like(y), y, z], dim=-1).reshape(-1, 3)
    return field(points).reshape(SECTION, SECTION).float().cpu().numpy()
