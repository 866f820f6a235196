# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's own preprocessing: resize, center crop and normalize, identical to the official code.

Source: openai/CLIP, clip/clip.py, _transform; torchvision's Resize and CenterCrop for the rounding.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def resize_and_crop(image: Image.Image, size: int = 224) -> np.ndarray:
    """Resize an RGB image so that its shorter side is `size`, and crop the center square.

    Returns:
        `(size, size, 3) uint8` sRGB.
    """
    width, height = image.size
    shorter = min(width, height)
    resized = image.resize((size * width // shorter, size * height // shorter), Image.Resampling.BICUBIC)
    left, top = (round((side - size) / 2) for side in resized.size)
    return np.array(resized.crop((left, top, left + size, top + size)))


def normalize_pixels(view: np.ndarray) -> Tensor:
    """`(H, W, 3) uint8` -> `(3, H, W) float32`, normalized by the mean and deviation of CLIP's training images."""
    pixels = torch.from_numpy(view).permute(2, 0, 1).float() / 255
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
