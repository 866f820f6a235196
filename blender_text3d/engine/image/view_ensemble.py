# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture is looked at several times, each time a little elsewhere, also mirrored: by chance alone few agree."""

import numpy as np
import torch
from torch import Tensor

from .clip_preprocess import clip_pixels
from .small_tower import Answers

PLACES = ((0, 0), (1, 1), (-1, -1), (2, -2), (-2, 2))
"""Pixels down and right of the middle."""


def middle_of(view: np.ndarray, side: int, place: tuple[int, int] = (0, 0)) -> np.ndarray:
    """[S, S, 3] -> [side, side, 3], its middle, or what lies at a place beside it.

    Raises:
        ValueError: it does not lie in the view.
    """
    down, right = ((len(view) - side) // 2 + moved for moved in place)
    if min(down, right) < 0 or max(down, right) + side > len(view):
        raise ValueError(f"{side} pixels at {place} do not lie in a view of {len(view)}.")
    return np.ascontiguousarray(view[down : down + side, right : right + side])


def views_of(view: np.ndarray, side: int) -> Tensor:
    """[S, S, 3] uint8 sRGB -> [10, 3, side, side] as the tower takes them: every place, then mirrored; middle first."""
    seen = torch.stack([clip_pixels(middle_of(view, side, place)) for place in PLACES])
    return torch.stack([seen, seen.flip(3)], dim=1).flatten(0, 1)


def consensus(answers: Answers) -> Answers:
    """Answers to all looks at a picture -> those to the picture."""
    likely = answers.category.softmax(1).mean(0, keepdim=True)
    others = (values.mean(0, keepdim=True) for values in (answers.size, answers.visible, answers.color))
    return Answers(likely.log(), *others)
