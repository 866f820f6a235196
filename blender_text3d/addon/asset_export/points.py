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
from ...scene.shown_points import ShownPoints, shown_points
from ..state.name_list import quoted_names
from .options import Content, ExportOptions, Group, Plan, meters_per_unit


def points_plan(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Plan:
    """Return how points are written."""
    found = shown_points(targets)
    able = [target for target in targets if target.session_uid in found]
    others = [target.name for target in targets if target.session_uid not in found]

    def content_of(group: Group) -> Content:
        is_at_origin = options.is_at_origin and len(group.targets) == 1
        items = [points_item(target, found[target.session_uid], is_at_origin=is_at_origin) for target in group.targets]
        return Content({group.path.name: points_content(items, options.suffix)}, [])

    return Plan(content_of, able, [f"No points in {quoted_names(others)}."] if others else [])


def points_content(items: Sequence[ExportItem], suffix: str) -> bytes:
    """Return the content of one file."""
    if suffix == ".ply":
        return ply_bytes(joined_points(items))
    return glb_bytes(*items) if suffix == ".glb" else usd_bytes(*items)


def points_item(target: bpy.types.Object, points: ShownPoints, *, is_at_origin: bool) -> ExportItem:
    """Return the points of one object in meters."""
    unit = meters_per_unit()
    places = points.positions if is_at_origin else points.positions + points.location
    cloud = PointCloud((places * unit).astype("float32"), points.colors.astype("float32"))
    return ExportItem(cloud, points.name, recipe_of(target) or {}, (points.radii * unit).astype("float32"))
