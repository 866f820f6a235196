# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces of objects → STL or 3MF in millimeters, checked for holes."""

from collections.abc import Sequence

import bpy

from ...exports.item import ExportItem
from ...exports.print_items import print_defects, print_items
from ...exports.stl import stl_bytes
from ...exports.three_mf import three_mf_bytes
from ...geometry import Mesh
from ...geometry.shown_surface import ShownSurface
from ...geometry.watertight import Defects
from ...scene.evaluated_mesh import CaptureError
from ...scene.object_surface import Textures
from ...scene.recipe import recipe_of
from ...scene.shown_surfaces import corner_colors, shown_surfaces, vertex_colors
from ..state.count_text import counted
from ..state.name_list import quoted_names
from .options import Content, ExportError, ExportOptions, Group, Plan, meters_per_unit

DEFECT_NOUNS = ("open edge", "edge with three or more faces", "flipped edge")
PLURALS = {DEFECT_NOUNS[1]: "edges with three or more faces"}


def print_plan(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Plan:
    """Return how surfaces are written for a printer.

    Raises:
        ExportError: They show too many instances.
    """
    textures = Textures()
    found = surfaces_of(targets, textures)
    able = [target for target in targets if target.session_uid in found]

    def content_of(group: Group) -> Content:
        items = [print_item(target, found[target.session_uid], textures) for target in group.targets]
        printed = print_items(items, options.height_mm, options.base_mm)
        content = three_mf_bytes(*printed) if options.suffix == ".3mf" else stl_bytes(*printed)
        return Content({group.path.name: content}, [text for item in printed if (text := defect_text(item))])

    return Plan(content_of, able, problems_without(targets, able))


def surfaces_of(targets: Sequence[bpy.types.Object], textures: Textures) -> dict[int, ShownSurface]:
    """Return the triangles of objects by session UID.

    Raises:
        ExportError: They show too many instances.
    """
    try:
        return shown_surfaces(targets, textures)
    except CaptureError as error:
        raise ExportError(str(error)) from error


def problems_without(targets: Sequence[bpy.types.Object], able: Sequence[bpy.types.Object]) -> list[str]:
    """Return a sentence with the objects that show no surface."""
    names = [target.name for target in targets if target not in able]
    return [f"No visible faces in {quoted_names(names)}."] if names else []


def print_item(target: bpy.types.Object, surface: ShownSurface, textures: Textures) -> ExportItem:
    """Return the triangles of one object in meters, where it is in the world, with the colors of the corners."""
    colors = corner_colors(surface, textures)
    places = ((surface.positions + surface.location) * meters_per_unit()).astype("float32")
    mesh = Mesh(places, surface.faces, vertex_colors(surface, colors))
    return ExportItem(mesh, target.name, recipe_of(target) or {}, corner_colors=colors)


def defect_text(item: ExportItem) -> str:
    """Return why a mesh may not print, or ""."""
    defects = print_defects(item)
    return "" if defects.is_watertight else f'"{item.name}" is not watertight: {defects_list(defects)}. Use Fix Mesh.'


def defects_list(defects: Defects) -> str:
    """Return "2 open edges, 1 flipped edge"."""
    counts = zip(DEFECT_NOUNS, defects, strict=False)
    found = [f"{count:,} {PLURALS[noun]}" if count > 1 and noun in PLURALS else counted(count, noun)
             for noun, count in counts if count]  # fmt: skip
    return ", ".join(found + (["inside out"] if defects.is_inside_out else []))
