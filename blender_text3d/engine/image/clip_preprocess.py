# SPDX-License-Identifier: GPL-3.0-or-later
"""The last steps before CLIP's image tower, exactly as the official ones.

Source: openai/CLIP, clip/clip.py, _transform; torchvision's Resize and CenterCrop for the rounding.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


def clip_view(picture: Image.Image, size: int = 224) -> np.ndarray:
    """What CLIP sees of an RGB picture: its shorter side made `size`, the middle square of it.

    Returns:
        [size, size, 3] uint8 sRGB.
    """
    width, height = picture.size
    shorter = min(width, height)
    resized = picture.resize((size * width // shorter, size * height // shorter), Image.Resampling.BICUBIC)
    left, top = (round((side - size) / 2) for side in resized.size)
    return np.array(resized.crop((left, top, left + size, top + size)))


def clip_pixels(view: np.ndarray) -> Tensor:
    """[S, S, 3] uint8 -> [3, S, S] float32 of about zero mean and unit deviation."""
    pixels = torch.from_numpy(view).permute(2, 0, 1).float() / 255
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(DEVIATION)[:, None, None]
