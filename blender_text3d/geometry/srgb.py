# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion between sRGB and linear light.

Source: IEC 61966-2-1.
"""

import numpy as np


def linear_from_srgb(colors: np.ndarray) -> np.ndarray:
    """Convert sRGB colors of any shape to linear light; both in [0, 1], and float32 stays float32."""
    bright = ((np.maximum(colors, 0.0) + 0.055) / 1.055) ** 2.4
    return np.where(colors <= 0.04045, colors / 12.92, bright).clip(0, 1)


def srgb_from_linear(light: np.ndarray) -> np.ndarray:
    """Convert linear light of any shape to sRGB colors; both in [0, 1], and float32 stays float32."""
    bright = 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, light * 12.92, bright).clip(0, 1)
