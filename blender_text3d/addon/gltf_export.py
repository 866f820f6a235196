# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Blender's glTF export that leaves out colors that were baked to a texture.

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
