# SPDX-License-Identifier: GPL-3.0-or-later
"""UV maps of whole meshes: one that exists, or a new one by Blender's Smart UV Project and Pack Islands."""

import math
from typing import Any, cast

import bpy
import numpy as np

from .data_access import mesh_of

UNWRAP_ANGLE_RAD = math.radians(66)
"""Of the angles tried, this one uses most of a texture; docs/measurements.md has the other ways that were compared."""
DEFAULT_GAP = 4 / 1024
NEW_MAP = "UVMap"


class UnwrapError(Exception):
    """The object cannot be unwrapped and is unchanged; the message is one sentence for the user."""


def uv_map_to_bake(target: bpy.types.Object, gap: float, *, is_new: bool) -> str:
    """Return the name of the UV map of a bake: the one that is rendered, or a new one that leaves no UVs unused.

    Args:
        target: A mesh object in Object Mode that is visible in the current view layer.
        gap: Distance between islands of a new map, as a share of the texture's side.
        is_new: True to add a map even if the mesh has one.

    Raises:
        UnwrapError: Blender cannot unwrap it.
    """
    layers: Any = mesh_of(target).uv_layers
    used = next((layer for layer in layers if layer.active_render), None)
    if used is not None and not is_new:
        return str(used.name) if has_area(used) else unwrap(target, gap, str(used.name))
    return unwrap(target, gap)


def has_area(layer: Any) -> bool:
    """Return True unless all UVs are the same, as in a map that was only added."""
    uvs = np.zeros(2 * len(layer.uv), np.float32)
    layer.uv.foreach_get("vector", uvs)
    return bool(np.ptp(uvs.reshape(-1, 2), axis=0).all()) if len(uvs) else False


def unwrap(target: bpy.types.Object, gap: float = DEFAULT_GAP, name: str = "") -> str:
    """Unwrap all faces by Smart UV Project; selection and active UV map stay as the user has them.

    Args:
        target: A mesh object in Object Mode that is visible in the current view layer.
        gap: Distance between islands as a share of the texture's side.
        name: The UV map to fill; a new one without it.

    Returns:
        The name of the UV map.

    Raises:
        UnwrapError: Blender cannot unwrap it, and no UV map was added.
    """
    layers: Any = mesh_of(target).uv_layers
    active = layers.active.name if layers.active else ""
    added: Any = None if name else layers.new(name=NEW_MAP, do_init=False)
    if not name and added is None:
        raise UnwrapError(f'"{target.name}" has as many UV maps as Blender allows. Delete one.')
    filled = name or str(added.name)
    layers.active = layers[filled]
    try:
        project(target, gap)
    except RuntimeError as error:
        if not name:
            layers.remove(layers[filled])
        raise UnwrapError(f'"{target.name}" cannot be unwrapped ({error}). Create UVs by hand.') from error
    finally:
        if active:
            layers.active = layers[active]
    return filled


def project(target: bpy.types.Object, gap: float) -> None:
    """Unwrap and pack all faces, with this object alone selected meanwhile."""
    layer = cast(bpy.types.ViewLayer, bpy.context.view_layer)
    selected, active = [item for item in layer.objects if item.select_get()], layer.objects.active
    select_alone(layer, [target], target)
    try:
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.reveal(select=True)
        bpy.ops.mesh.select_all(action="SELECT")
        half = gap / 2  # Blender adds the margin to both of two islands
        bpy.ops.uv.smart_project(angle_limit=UNWRAP_ANGLE_RAD, island_margin=half, margin_method="FRACTION")
        bpy.ops.uv.select_all(action="SELECT")
        # FRACTION would take ten times as long; packing enlarges the islands, so the added margin is no less than asked
        bpy.ops.uv.pack_islands(shape_method="CONCAVE", rotate=False, margin_method="ADD", margin=half)
    finally:
        if target.mode == "EDIT":
            bpy.ops.object.mode_set(mode="OBJECT")
        select_alone(layer, selected, active)


def select_alone(layer: bpy.types.ViewLayer, targets: list[bpy.types.Object], active: bpy.types.Object | None) -> None:
    """Select these objects only."""
    for item in layer.objects:
        item.select_set(item in targets)
    layer.objects.active = active
