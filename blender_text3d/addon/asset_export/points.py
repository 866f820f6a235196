# SPDX-License-Identifier: GPL-3.0-or-later
"""Points of objects → PLY, GLB or USD, with colors and radii."""

from collections.abc import Sequence

import bpy

from ...exports.glb import glb_bytes
from ...exports.item import ExportItem, joined_points
from ...exports.ply import ply_bytes
from ...exports.usd import usd_bytes
from ...geometry import PointCloud
from ...scene.recipe import recipe_of
from ...scene.shown_points import ShownPoints


def points_content(
    clouds: Sequence[tuple[bpy.types.Object, ShownPoints]], suffix: str, meters_per_unit: float, *, is_at_origin: bool
) -> bytes:
    """Return the content of one file.

    Args:
        clouds: Objects with their points.
        suffix: Of the format.
        meters_per_unit: Of Blender's units.
        is_at_origin: Leave out the places of the objects in the world.
    """
    items = [points_item(target, points, meters_per_unit, is_at_origin=is_at_origin) for target, points in clouds]
    if suffix == ".ply":
        return ply_bytes(joined_points(items))
    return glb_bytes(*items) if suffix == ".glb" else usd_bytes(*items)


def points_item(
    target: bpy.types.Object, points: ShownPoints, meters_per_unit: float, *, is_at_origin: bool
) -> ExportItem:
    """Return the points of one object in meters."""
    places = points.positions if is_at_origin else points.positions + points.location
    cloud = PointCloud((places * meters_per_unit).astype("float32"), points.colors.astype("float32"))
    radii = (points.radii * meters_per_unit).astype("float32")
    return ExportItem(cloud, points.name, recipe_of(target) or {}, radii)
