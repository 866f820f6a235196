# SPDX-License-Identifier: GPL-3.0-or-later
"""Our part of Blender's glTF export: it leaves out colors that were baked to a texture, and warns of point clouds.

The baked object keeps its color attribute, for Solid view and for baking again. Left alone, the exporter would add it
to the file as COLOR_1, next to an all-white COLOR_0.
"""

from typing import Any

import bpy


def leave_out_baked_colors(gltf_mesh: Any, data: bpy.types.ID, materials: Any, export_settings: dict[str, Any]) -> None:
    """Remove the colors of a mesh whose materials all show baked ones, unless the user chose to export the attribute.

    Args:
        gltf_mesh: The exporter's mesh, with the vertex attributes of its primitives by name.
        data: The mesh in Blender.
        materials: Its materials; None for an empty slot.
        export_settings: The exporter's settings.
    """
    from ..scene.bake import is_baked
    from ..scene.names import COLOR

    used = [material for material in materials or () if material]
    is_chosen = export_settings.get("gltf_vertex_color") != "MATERIAL"
    if is_chosen or not isinstance(data, bpy.types.Mesh) or not used or not all(map(is_baked, used)):
        return
    if [attribute.name for attribute in data.color_attributes] != [COLOR]:  # the user's own ones are exported
        return
    for primitive in gltf_mesh.primitives:
        for name in [name for name in primitive.attributes if name.startswith("COLOR_")]:
            del primitive.attributes[name]


def warn_of_points(target: Any, export_settings: dict[str, Any]) -> None:
    """Let the exporter show a warning for an object whose points it leaves out.

    Args:
        target: An exported object; None for the root of a collection.
        export_settings: The exporter's settings.
    """
    from .panels.export import shows_points

    if isinstance(target, bpy.types.Object) and shows_points([target]) and "log" in export_settings:
        text = f'The points of "{target.name}" are left out. Use File > Export > Text3D > Points.'
        export_settings["log"].warning(text, popup=True)
