# SPDX-License-Identifier: GPL-3.0-or-later
"""Test-time augmentation: average the tower's output over shifted and mirrored crops of one image."""

import numpy as np
import torch
from torch import Tensor

from .clip_preprocess import normalize_pixels
from .mini_image_tower import TowerOutput

OFFSETS = ((0, 0), (1, 1), (-1, -1), (2, -2), (-2, 2))
"""Offsets of the crops from the center, (down, right) in pixels."""


def center_crop(view: np.ndarray, side: int, offset: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Crop `(H, W, 3) uint8` to `(side, side, 3) uint8` at an offset from the center.

    Raises:
        ValueError: The crop exceeds the view.
    """
    down, right = ((len(view) - side) // 2 + shift for shift in offset)
    if min(down, right) < 0 or max(down, right) + side > len(view):
        raise ValueError(f"A crop of {side} pixels at {offset} exceeds a view of {len(view)}.")
    return np.ascontiguousarray(view[down : down + side, right : right + side])


def views_of(view: np.ndarray, side: int) -> Tensor:
    """`(H, W, 3) uint8` sRGB -> `(10, 3, side, side) float32`: the crop at each offset, then mirrored; center first."""
    crops = torch.stack([normalize_pixels(center_crop(view, side, offset)) for offset in OFFSETS])
    return torch.stack([crops, crops.flip(3)], dim=1).flatten(0, 1)


def consensus(output: TowerOutput) -> TowerOutput:
    """Return the mean output of all views, as of one image."""
    probabilities = output.category.softmax(1).mean(0, keepdim=True)
    others = (values.mean(0, keepdim=True) for values in (output.size, output.visible, output.color, output.known))
    return TowerOutput(probabilities.log(), *others)
