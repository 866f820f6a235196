# SPDX-License-Identifier: GPL-3.0-or-later
"""The colour attribute of a mesh → a texture, for programs that know no colour attributes."""

import math

import bpy
import numpy as np

from .names import COLOR, TEXTURE
from .texture_fill import paint_texture

UNWRAP_ANGLE_RAD = math.radians(66)
ISLAND_GAP = 0.008
"""Of the texture's side: four pixels of the smallest size, so that colours can go on beyond the islands."""
MARGIN = 1 / 128
"""Of the texture's side."""


class BakeError(Exception):
    """The object stays as it is; the message is one sentence for the user."""


def bake_texture(target: bpy.types.Object, side: int) -> bpy.types.Image:
    """Put a mesh's colours into an image and let its materials read that. UVs are made where there are none.

    The colour attribute stays, and so does what other objects wear.

    Args:
        target: In Object Mode, seen in the present view layer.
        side: Of the image, in pixels.

    Raises:
        BakeError: There are no faces or colours, it is another file's, or no material reads the colours.
    """
    check_can_bake(target)
    slots = slots_to_change(target)
    if not target.data.uv_layers:
        unwrap(target)
    image = image_of(target.name, texture_of(target.data, side))
    for slot in slots:
        assign_texture(own_material(slot, target.data), image)
    return image


def check_can_bake(target: bpy.types.Object) -> None:
    """Refuse what has no faces or colours, or is another file's."""
    data = target.data
    if not isinstance(data, bpy.types.Mesh) or not len(data.polygons):
        raise BakeError(f'"{target.name}" has no faces to bake.')
    if target.library or data.library:
        raise BakeError(f'"{target.name}" is linked from another file. Bake it there.')
    if data.color_attributes.get(COLOR) is None:
        raise BakeError(f'"{target.name}" no longer has the color attribute "{COLOR}".')


def slots_to_change(target: bpy.types.Object) -> list[bpy.types.MaterialSlot]:
    """Those whose materials read the colours, or the texture of an earlier baking."""
    slots = [slot for slot in target.material_slots if slot.material and sources_of_color(slot.material)]
    if not slots:
        raise BakeError(f'No material of "{target.name}" uses the color attribute "{COLOR}".')
    if any(slot.material.library for slot in slots):
        raise BakeError(f'The material of "{target.name}" is linked from another file. Bake it there.')
    return slots


def sources_of_color(material: bpy.types.Material) -> list[bpy.types.Node]:
    """Nodes that give the object's colours: the attribute's, or ours of an earlier baking."""
    nodes = material.node_tree.nodes if material.node_tree else ()
    readers = [node for node in nodes if node.type == "ATTRIBUTE" and node.attribute_name == COLOR]
    return readers + [node for node in nodes if node.type == "TEX_IMAGE" and node.name == TEXTURE]


def unwrap(target: bpy.types.Object) -> None:
    """Make a UV map by Blender's Smart UV Project; the user's selection of objects stays."""
    layer = bpy.context.view_layer
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


def select_alone(layer: bpy.types.ViewLayer, targets: list[bpy.types.Object], active: bpy.types.Object) -> None:
    """Select these objects and no others."""
    for item in layer.objects:
        item.select_set(item in targets)
    layer.objects.active = active


def texture_of(data: bpy.types.Mesh, side: int) -> np.ndarray:
    """(side, side, 4) uint8 sRGB, the lowest row first."""
    data.calc_loop_triangles()
    corners = read(data.loop_triangles, "loops", (len(data.loop_triangles), 3), np.int32)
    uvs = read(data.uv_layers.active.uv, "vector", (len(data.loops), 2), np.float32)
    return paint_texture(uvs[corners], corner_colors(data)[corners], side, math.ceil(side * MARGIN))


def corner_colors(data: bpy.types.Mesh) -> np.ndarray:
    """(corners, 3) float32 linear of the colour attribute, also where the user moved it from vertices to corners."""
    attribute = data.color_attributes[COLOR]
    colors = read(attribute.data, "color", (len(attribute.data), 4), np.float32)[:, :3]
    if attribute.domain == "CORNER":
        return colors
    return colors[read(data.attributes[".corner_vert"].data, "value", (len(data.loops),), np.int32)]


def read(items: bpy.types.bpy_prop_collection, name: str, shape: tuple[int, ...], kind: type) -> np.ndarray:
    """One property of all items."""
    values = np.empty(shape, kind)
    items.foreach_get(name, values.reshape(-1))
    return values


def image_of(name: str, texels: np.ndarray) -> bpy.types.Image:
    """A new image that is saved within the .blend file."""
    side = len(texels)
    image = bpy.data.images.new(name, side, side, alpha=False)
    image.pixels.foreach_set(texels.reshape(-1).astype(np.float32) / np.float32(255))
    image.update()
    image.pack()
    return image


def own_material(slot: bpy.types.MaterialSlot, data: bpy.types.Mesh) -> bpy.types.Material:
    """The slot's material, copied first where anything else wears it too."""
    material = slot.material
    users = bpy.data.user_map(subset=[material])[material] - {data, slot.id_data}
    if users:
        slot.material = material.copy()
    return slot.material


def assign_texture(material: bpy.types.Material, image: bpy.types.Image) -> None:
    """Let an Image Texture node stand wherever the colour attribute was read."""
    tree = material.node_tree
    sources = sources_of_color(material)
    texture = tree.nodes.get(TEXTURE) or new_texture_node(tree, sources[0])
    before, texture.image = texture.image, image
    for link in [link for source in sources for link in source.outputs["Color"].links]:
        tree.links.new(texture.outputs["Color"], link.to_socket)
    if before is not None and not before.users:
        bpy.data.images.remove(before)


def new_texture_node(tree: bpy.types.NodeTree, beside: bpy.types.Node) -> bpy.types.Node:
    """An Image Texture node above the one that it takes the place of."""
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.name = TEXTURE
    texture.location = (beside.location[0] - 80, beside.location[1] + 300)
    return texture
