# SPDX-License-Identifier: GPL-3.0-or-later
"""Color attribute of a mesh → a texture, for programs that do not support color attributes."""

import math
from typing import Any, cast

import bpy
import numpy as np

from .data_access import attribute_values, mesh_of
from .names import COLOR, TEXTURE
from .texture_fill import paint_texture

UNWRAP_ANGLE_RAD = math.radians(66)
ISLAND_GAP = 0.008
"""Share of the texture's side: four pixels of the smallest size, which the colors of the islands are dilated into."""
MARGIN = 1 / 128
"""Dilation beyond the islands, as a share of the texture's side."""


class BakeError(Exception):
    """The object cannot be baked and is unchanged; the message is one sentence for the user."""


def bake_texture(target: bpy.types.Object, side: int) -> bpy.types.Image:
    """Bake a mesh's colors into an image that its materials then read. A mesh without UVs is unwrapped.

    The color attribute stays, and so do the materials of other objects.

    Args:
        target: A mesh object in Object Mode that is visible in the current view layer.
        side: Width and height of the image in pixels.

    Raises:
        BakeError: The mesh has no faces or colors, is linked, or has no material that reads the colors.
    """
    check_can_bake(target)
    slots = slots_to_bake(target)
    mesh = mesh_of(target)
    if not mesh.uv_layers:
        unwrap(target)
    image = new_image(target.name, color_texture(mesh, side))
    for slot in slots:
        assign_texture(own_material(slot, mesh), image)
    return image


def check_can_bake(target: bpy.types.Object) -> None:
    """Raise BakeError for a mesh without faces or colors, or a linked one."""
    data = target.data
    if not isinstance(data, bpy.types.Mesh) or not len(data.polygons):
        raise BakeError(f'"{target.name}" has no faces to bake.')
    if target.library or data.library:
        raise BakeError(f'"{target.name}" is linked from another file. Bake it there.')
    if data.color_attributes.get(COLOR) is None:
        raise BakeError(f'"{target.name}" no longer has the color attribute "{COLOR}".')


def slots_to_bake(target: bpy.types.Object) -> list[bpy.types.MaterialSlot]:
    """Return the slots whose materials read the colors, or the texture of an earlier bake."""
    slots = [slot for slot in target.material_slots if slot.material and color_nodes(slot.material)]
    if not slots:
        raise BakeError(f'No material of "{target.name}" uses the color attribute "{COLOR}".')
    if any(slot.material and slot.material.library for slot in slots):
        raise BakeError(f'The material of "{target.name}" is linked from another file. Bake it there.')
    return slots


def color_nodes(material: bpy.types.Material) -> list[bpy.types.Node]:
    """Return the nodes that output the object's colors: Attribute, or the Image Texture of an earlier bake."""
    nodes = material.node_tree.nodes if material.node_tree else ()
    readers = [
        node for node in nodes if isinstance(node, bpy.types.ShaderNodeAttribute) and node.attribute_name == COLOR
    ]
    return readers + [node for node in nodes if isinstance(node, bpy.types.ShaderNodeTexImage) and node.name == TEXTURE]


def reads_colors(material: bpy.types.Material | None) -> bool:
    """True if the material shows the object's colors, from the attribute or baked."""
    return material is not None and bool(color_nodes(material))


def is_baked(material: bpy.types.Material | None) -> bool:
    """True if the material shows colors that were baked to a texture."""
    nodes = color_nodes(material) if material else []
    return any(isinstance(node, bpy.types.ShaderNodeTexImage) for node in nodes)


def unwrap(target: bpy.types.Object) -> None:
    """Add a UV map by Smart UV Project and restore the user's selection."""
    layer = cast(bpy.types.ViewLayer, bpy.context.view_layer)
    selected, active = [item for item in layer.objects if item.select_get()], layer.objects.active
    select_alone(layer, [target], target)
    try:
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.reveal(select=True)
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(angle_limit=UNWRAP_ANGLE_RAD, island_margin=ISLAND_GAP, margin_method="FRACTION")
        bpy.ops.object.mode_set(mode="OBJECT")
    except RuntimeError as error:
        raise BakeError(f'"{target.name}" cannot be unwrapped ({error}). Create UVs by hand.') from error
    finally:
        select_alone(layer, selected, active)


def select_alone(layer: bpy.types.ViewLayer, targets: list[bpy.types.Object], active: bpy.types.Object | None) -> None:
    """Select these objects only."""
    for item in layer.objects:
        item.select_set(item in targets)
    layer.objects.active = active


def color_texture(data: bpy.types.Mesh, side: int) -> np.ndarray:
    """Return the texture, `(side, side, 4) uint8` sRGB, bottom row first."""
    data.calc_loop_triangles()
    corners = read(data.loop_triangles, "loops", (len(data.loop_triangles), 3), np.int32)
    uv_layer: Any = data.uv_layers.active
    uvs = read(uv_layer.uv, "vector", (len(data.loops), 2), np.float32)
    return paint_texture(uvs[corners], corner_colors(data)[corners], side, math.ceil(side * MARGIN))


def corner_colors(data: bpy.types.Mesh) -> np.ndarray:
    """Return the linear colors of the face corners, `(L, 3) float32`, from a vertex or corner attribute."""
    attribute: Any = data.color_attributes[COLOR]
    colors: np.ndarray = read(attribute.data, "color", (len(attribute.data), 4), np.float32)[:, :3]
    if attribute.domain == "CORNER":
        return colors
    vertices = read(attribute_values(data, ".corner_vert"), "value", (len(data.loops),), np.int32)
    return np.take(colors, vertices, axis=0)


def read(items: Any, name: str, shape: tuple[int, ...], kind: type) -> np.ndarray:
    """Return one property of all items as an array of this shape and dtype."""
    values: np.ndarray = np.empty(shape, kind)
    items.foreach_get(name, values.reshape(-1))
    return values


def new_image(name: str, texels: np.ndarray) -> bpy.types.Image:
    """Return a new image that is packed into the .blend file."""
    side = len(texels)
    image = bpy.data.images.new(name, side, side, alpha=False)
    pixels: Any = image.pixels
    pixels.foreach_set(texels.reshape(-1).astype(np.float32) / np.float32(255))
    image.update()
    image.pack()
    return image


def own_material(slot: bpy.types.MaterialSlot, data: bpy.types.Mesh) -> bpy.types.Material:
    """Return the slot's material, or a copy of it in the slot if something else uses it too."""
    material = cast(bpy.types.Material, slot.material)
    user_map: Any = bpy.data.user_map
    users = user_map(subset=[material])[material] - {data, slot.id_data}
    if users:
        material = slot.material = material.copy()
    return material


def assign_texture(material: bpy.types.Material, image: bpy.types.Image) -> None:
    """Replace every use of the color attribute by an Image Texture node."""
    tree: Any = material.node_tree
    sources = color_nodes(material)
    texture: Any = tree.nodes.get(TEXTURE) or new_texture_node(tree, sources[0])
    before, texture.image = texture.image, image
    for link in [link for source in sources for link in source.outputs["Color"].links]:
        tree.links.new(texture.outputs["Color"], link.to_socket)
    if before is not None and not before.users:
        bpy.data.images.remove(before)


def new_texture_node(tree: bpy.types.NodeTree, replaced: bpy.types.Node) -> bpy.types.Node:
    """Return a new Image Texture node above the node that it replaces."""
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.name = TEXTURE
    texture.location = (replaced.location[0] - 80, replaced.location[1] + 300)
    return texture
