# SPDX-License-Identifier: GPL-3.0-or-later
"""sRGB colors → Blender's color attribute, exact to one 8-bit step."""

import bpy
import numpy as np

from ..geometry.srgb import linear_from_srgb
from .data_access import attribute_values
from .names import COLOR

DEFAULT_FACE_COLOR = (0.8, 0.8, 0.8)
"""Blender's color of faces whose material has none of its own."""


def store_colors(data: "bpy.types.Mesh | bpy.types.PointCloud", colors_srgb: np.ndarray) -> None:
    """Store one color per vertex or point, and make it the active and the render attribute.

    Args:
        colors_srgb: `(N, 3) float32` sRGB in [0, 1].
    """
    if data.attributes.get(COLOR) is None:
        data.attributes.new(COLOR, "BYTE_COLOR", "POINT")
    rgba_srgb = np.ones((len(colors_srgb), 4), np.float32)
    rgba_srgb[:, :3] = np.clip(colors_srgb, 0.0, 1.0)
    attribute_values(data, COLOR).foreach_set("color_srgb", rgba_srgb.ravel())
    if isinstance(data, bpy.types.Mesh):
        data.color_attributes.active_color_name = COLOR
        data.color_attributes.render_color_index = data.color_attributes.find(COLOR)


def mean_color_of(data: bpy.types.ID | None) -> tuple[float, float, float, float] | None:
    """Return the mean of stored colors as linear RGBA, or None if there are none."""
    colors = data.attributes.get(COLOR) if isinstance(data, bpy.types.Mesh | bpy.types.PointCloud) else None
    if colors is None or colors.data_type not in {"BYTE_COLOR", "FLOAT_COLOR"} or not len(colors.data):
        return None
    rgba_srgb = np.empty(4 * len(colors.data), np.float32)
    colors.data.foreach_get("color_srgb", rgba_srgb)
    return mean_color_linear(rgba_srgb.reshape(-1, 4)[:, :3])


def mean_color_linear(colors_srgb: np.ndarray) -> tuple[float, float, float, float]:
    """Return the mean color as linear RGBA."""
    red, green, blue = linear_from_srgb(np.clip(colors_srgb, 0.0, 1.0)).mean(axis=0)
    return float(red), float(green), float(blue), 1.0
