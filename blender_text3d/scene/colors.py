# SPDX-License-Identifier: GPL-3.0-or-later
"""sRGB colours → Blender's colour attribute, right to one 8-bit step."""

import bpy
import numpy as np

from ..geometry.srgb import linear_from_srgb
from .names import COLOR


def store_colors(data: "bpy.types.Mesh | bpy.types.PointCloud", colors_srgb: np.ndarray) -> None:
    """Write one colour per vertex or point and make it the one that Solid view and renders show.

    Args:
        colors_srgb: (N, 3) float32 sRGB in [0, 1].
    """
    attribute = data.attributes.get(COLOR) or data.attributes.new(COLOR, "BYTE_COLOR", "POINT")
    rgba_srgb = np.ones((len(colors_srgb), 4), np.float32)
    rgba_srgb[:, :3] = np.clip(colors_srgb, 0.0, 1.0)
    attribute.data.foreach_set("color_srgb", rgba_srgb.ravel())
    if isinstance(data, bpy.types.Mesh):
        data.color_attributes.active_color_name = COLOR
        data.color_attributes.render_color_index = data.color_attributes.find(COLOR)


def mean_color_linear(colors_srgb: np.ndarray) -> tuple[float, float, float, float]:
    """The one colour that stands for all, linear RGBA."""
    red, green, blue = linear_from_srgb(np.clip(colors_srgb, 0.0, 1.0)).mean(axis=0)
    return float(red), float(green), float(blue), 1.0
