# SPDX-License-Identifier: GPL-3.0-or-later
"""The condition of a model: the tensor that its networks receive, and notices for the user."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor


@dataclass(frozen=True)
class Condition:
    """A prompt or an image as the input of a network.

    Attributes:
        values: `(1, C) float32` of unit length, `(1, C, T) float32` image grid, or `(1, C, 1 + T) float32` caption;
            zeros for no condition.
        notice: a sentence for the user on how the prompt or image was interpreted.
        input_image: `(H, W, 3) uint8` sRGB, the image as the model sees it.
    """

    values: Tensor
    notice: str | None = None
    input_image: np.ndarray | None = None
