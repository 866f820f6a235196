# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model is told to make: the numbers it is conditioned on, and what the user should know of them."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor


@dataclass(frozen=True)
class Condition:
    """A prompt or a picture, as a network takes it.

    Attributes:
        values: [1, K] vector of unit length, [1, K, cells] image grid, or [1, K, 1 + words] caption; zeros stand for no
            condition.
        notice: a sentence for the user on how the prompt was understood.
        picture: [H, W, 3] uint8 sRGB, what the model sees of an image.
    """

    values: Tensor
    notice: str | None = None
    picture: np.ndarray | None = None
