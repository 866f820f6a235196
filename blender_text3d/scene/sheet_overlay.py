# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels and frames over a 3D viewport, for the contact sheet."""

from dataclasses import dataclass
from typing import Any, cast

import bpy
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

FONT = 0
FONT_SIZE = 13
LINE_WIDTH = 2.0
SHADOW = (0.0, 0.0, 0.0, 0.8)

Color = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A label under a place in the scene, with an optional frame around the place.

    Attributes:
        location: Center of an object's footprint in world space.
        text: The label.
        color: Color of label and frame.
        has_frame: True to draw the frame.
    """

    location: tuple[float, float, float]
    text: str
    color: Color
    has_frame: bool = False


def draw_labels(region: bpy.types.Region, view: bpy.types.RegionView3D, labels: list[Label], size: float) -> None:
    """Draw labels; those behind the viewer are left out.

    Args:
        region, view: The viewport.
        labels: The labels.
        size: Longest side of the objects in Blender units.
    """
    import blf

    dimensions: Any = blf.dimensions
    blf.size(FONT, FONT_SIZE * cast(Any, bpy.context.preferences).system.ui_scale)
    blf.enable(FONT, blf.SHADOW)
    blf.shadow(FONT, 3, *SHADOW)
    for label in labels:
        frame = frame_on_screen(region, view, label.location, size)
        if frame:
            left, bottom, right, top = frame
            width, height = dimensions(FONT, label.text)
            blf.color(FONT, *label.color)
            blf.position(FONT, (left + right - width) / 2, bottom - 1.4 * height, 0)
            blf.draw(FONT, label.text)
            if label.has_frame:
                draw_frame(left, bottom, right, top, label.color)
    blf.disable(FONT, blf.SHADOW)


def frame_on_screen(
    region: bpy.types.Region, view: bpy.types.RegionView3D, location: tuple[float, float, float], size: float
) -> tuple[float, float, float, float] | None:
    """Return left, bottom, right, top in pixels of a square around an object, or None if it is behind the viewer."""
    middle = Vector(location) + Vector((0, 0, size / 2))
    right = view.view_rotation @ Vector((size / 2, 0, 0))
    points = [location_3d_to_region_2d(region, view, middle + offset) for offset in (Vector(), right)]
    if None in points:
        return None
    center, edge = points
    half = (edge - center).length
    return center.x - half, center.y - half, center.x + half, center.y + half


def draw_frame(left: float, bottom: float, right: float, top: float, color: Color) -> None:
    """Draw a rectangle in pixels of the region."""
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader = cast(Any, gpu.shader).from_builtin("POLYLINE_UNIFORM_COLOR")
    corners = [(left, bottom, 0), (right, bottom, 0), (right, top, 0), (left, top, 0), (left, bottom, 0)]
    batch = batch_for_shader(shader, "LINE_STRIP", {"pos": corners})
    viewport = cast(Any, gpu.state).viewport_get()
    shader.uniform_float("viewportSize", viewport[2:])
    shader.uniform_float("lineWidth", LINE_WIDTH)
    shader.uniform_float("color", color)
    batch.draw(shader)


def nearest_label(
    region: bpy.types.Region, view: bpy.types.RegionView3D, labels: list[Label], size: float, mouse: tuple[int, int]
) -> int | None:
    """Return the index of the label whose square the mouse is in, or None."""
    for index, label in enumerate(labels):
        frame = frame_on_screen(region, view, label.location, size)
        if frame and frame[0] <= mouse[0] <= frame[2] and frame[1] <= mouse[1] <= frame[3]:
            return index
    return None


def frame_locations(view: bpy.types.RegionView3D, locations: list[tuple[float, float, float]], size: float) -> None:
    """Move a view, without turning it, so that it shows objects at these locations with room for labels."""
    low, high = ([pick(axis) for axis in zip(*locations, strict=True)] for pick in (min, max))
    center = (Vector(low) + Vector(high)) / 2 + Vector((0, 0, size / 2))
    radius = (Vector(high) - Vector(low)).length / 2 + size
    view.view_location = center
    view.view_distance = VIEW_DISTANCE * radius


VIEW_DISTANCE = 2.6
"""Distance of the viewer, relative to the radius of what is shown: the default lens of 50 mm shows about this much."""
