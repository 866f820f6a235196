# SPDX-License-Identifier: GPL-3.0-or-later
"""A display's colours and the light they stand for.

Source: IEC 61966-2-1.
"""

import numpy as np


def linear_from_srgb(colors: np.ndarray) -> np.ndarray:
    """Light of colours in sRGB, any shape; both in [0, 1], float32 gives float32."""
    bright = ((np.maximum(colors, 0.0) + 0.055) / 1.055) ** 2.4
    return np.where(colors <= 0.04045, colors / 12.92, bright).clip(0, 1)


def srgb_from_linear(light: np.ndarray) -> np.ndarray:
    """Colours in sRGB of light, any shape; both in [0, 1], float32 gives float32."""
    bright = 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, light * 12.92, bright).clip(0, 1)
