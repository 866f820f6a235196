# SPDX-License-Identifier: GPL-3.0-or-later
"""A baked texture → the color attribute again, for a mesh that loses the texture's UV map."""

from typing import Any

import bpy
import numpy as np

from .bake import color_name, color_nodes, own_material, read, read_attribute
from .data_access import mesh_of
from .names import COLOR, TEXTURE
from .nearest_surface import Surface, nearest_places, positions_of


def read_texture(source: bpy.types.Mesh, surface: Surface, to: bpy.types.Mesh) -> None:
    """Give a mesh a color attribute with the baked colors of another mesh that no longer has the attribute.

    Args:
        source: The mesh with the texture and its UV map.
        surface: Its surface, scaled as the other mesh is.
        to: A mesh with faces.
    """
    textures = [node for material in source.materials if material and (node := baked_node(material))]
    uv_map = uv_map_of(textures[0], source) if textures else None
    if uv_map is None or color_name(source) or not textures[0].image or not textures[0].image.size[0]:
        return
    places = nearest_places(surface, positions_of(to))
    uvs = read(uv_map.uv, "vector", (len(source.loops), 2), np.float32)[surface.corners[places.triangles]]
    colors = texels_at(textures[0].image, np.einsum("nc,ncw->nw", places.weights, uvs))
    attribute: Any = to.color_attributes.new(attribute_read(textures[0].id_data), "BYTE_COLOR", "POINT")
    attribute.data.foreach_set("color_srgb", colors.reshape(-1))
    to.color_attributes.active_color_name = attribute.name
    to.color_attributes.render_color_index = to.color_attributes.find(attribute.name)


def show_attribute(target: bpy.types.Object) -> None:
    """Let an object's materials read the color attribute instead of a baked texture; those of other meshes stay."""
    data = mesh_of(target)
    if not color_name(data):
        return
    for slot in target.material_slots:
        if slot.material and not slot.material.library and baked_node(slot.material):
            replace_texture(own_material(slot, data), color_name(data))


def replace_texture(material: bpy.types.Material, name: str) -> None:
    """Replace the texture of a bake by a node that reads a color attribute; the image is removed if it has no user."""
    tree: Any = material.node_tree
    nodes, texture = tree.nodes, baked_node(material)
    reader = next((node for node in nodes if read_attribute(node) == name), None)
    if reader is None:
        reader = nodes.new("ShaderNodeVertexColor")
        reader.layer_name, reader.location = name, texture.location
    for link in list(texture.outputs["Color"].links):
        tree.links.new(reader.outputs["Color"], link.to_socket)
    image = texture.image
    for node in [link.from_node for link in texture.inputs["Vector"].links] + [texture]:
        nodes.remove(node)
    if image is not None and not image.users:
        bpy.data.images.remove(image)


def baked_node(material: bpy.types.Material) -> Any:
    """Return the Image Texture node of a bake that the material shows, or None."""
    nodes = [node for node in color_nodes(material) if node.name == TEXTURE]
    return next((node for node in nodes if node.outputs["Color"].links), None)


def uv_map_of(texture: Any, data: bpy.types.Mesh) -> Any:
    """Return the UV map that a texture reads, or None if the mesh does not have it."""
    sources = [link.from_node for link in texture.inputs["Vector"].links]
    named = next((node.uv_map for node in sources if isinstance(node, bpy.types.ShaderNodeUVMap)), "")
    return (
        data.uv_layers.get(named) if named else next((layer for layer in data.uv_layers if layer.active_render), None)
    )


def attribute_read(tree: bpy.types.NodeTree) -> str:
    """Return the name of the color attribute that a material read before the bake."""
    return next((name for node in tree.nodes if (name := read_attribute(node))), COLOR)


def texels_at(image: bpy.types.Image, uvs: np.ndarray) -> np.ndarray:
    """Return the texels at `(N, 2)` UVs, `(N, 4) float32` as they are stored: sRGB."""
    width, height = image.size
    texels = np.empty((height, width, 4), np.float32)
    pixels: Any = image.pixels
    pixels.foreach_get(texels.reshape(-1))
    columns, rows = np.clip(np.nan_to_num(uvs * (width, height)), 0, (width - 1, height - 1)).astype(np.int64).T
    return np.asarray(texels[rows, columns])
