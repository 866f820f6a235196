# SPDX-License-Identifier: GPL-3.0-or-later
"""Color attribute of a mesh → a texture, for programs that do not support color attributes."""

from collections.abc import Callable
from typing import Any, cast

import bpy
import numpy as np

from .data_access import attribute_values, mesh_of
from .names import COLOR, TEXTURE
from .texture_fill import paint_texture
from .uv_unwrap import UnwrapError, uv_map_to_bake

DEFAULT_MARGIN = 4
"""Pixels between islands, which their colors are dilated into."""
ImageMaker = Callable[[str, np.ndarray], bpy.types.Image]


class BakeError(Exception):
    """The object cannot be baked and is unchanged; the message is one sentence for the user."""


def bake_texture(
    target: bpy.types.Object,
    side: int,
    *,
    margin: int = DEFAULT_MARGIN,
    has_new_uvs: bool = False,
    keeps_attribute: bool = True,
    make_image: ImageMaker | None = None,
) -> bpy.types.Image:
    """Bake a mesh's colors into an image that its materials then read, in all objects that share the mesh.

    The materials of other meshes stay. A mesh without UVs is unwrapped.

    Args:
        target: A mesh object in Object Mode that is visible in the current view layer.
        side: Width and height of the image in pixels.
        margin: Pixels between the islands of new UVs, and by which the colors are dilated beyond islands.
        has_new_uvs: True to add a UV map even if there is one.
        keeps_attribute: False to remove the color attribute; programs without textures then show no colors.
        make_image: Function that makes an image of a name and `(S, S, 4) uint8` sRGB texels, bottom row first; they are
            packed into the .blend file without it.

    Raises:
        BakeError: The mesh has no faces or colors, is linked, has no material that reads the colors, or there is too
            little memory.
        Exception: What `make_image` raises; the object is unchanged.
    """
    check_can_bake(target)
    slots = [slot for user in users_of(mesh_of(target), target) for slot in slots_to_bake(user)]
    mesh, name = mesh_of(target), color_name(mesh_of(target))
    before = {layer.name for layer in mesh.uv_layers}
    try:
        uv_map = "" if has_new_uvs else earlier_uv_map(slots, mesh)
        uv_map = uv_map or uv_map_to_bake(target, margin / side, is_new=has_new_uvs)
        image = (make_image or new_image)(target.name, color_texture(mesh, side, margin, uv_map))
    except BaseException as error:
        remove_new_maps(mesh, before)
        raise explained(target, side, error) from error
    for slot in slots:
        assign_texture(own_material(slot, mesh), image, uv_map, name)
    if not keeps_attribute:
        mesh.color_attributes.remove(mesh.color_attributes[name])
    return image


def users_of(mesh: bpy.types.Mesh, target: bpy.types.Object) -> list[bpy.types.Object]:
    """Return the objects that show a mesh by materials of their own, and the target first."""
    users = [item for item in bpy.data.objects if item.data == mesh and item != target and item.library is None]
    return [target, *(user for user in users if any(map(has_own_colors, user.material_slots)))]


def has_own_colors(slot: bpy.types.MaterialSlot) -> bool:
    """True for a slot of the object itself whose material reads the colors."""
    mesh = cast(bpy.types.Object, slot.id_data).data
    return slot.link == "OBJECT" and bool(slot.material and color_nodes(slot.material, color_name(mesh)))


def earlier_uv_map(slots: list[bpy.types.MaterialSlot], mesh: bpy.types.Mesh) -> str:
    """Return the name of the UV map of an earlier bake if the mesh still has it, or ""."""
    nodes = [node for slot in slots if slot.material for node in color_nodes(slot.material)]
    links = [link for node in nodes if node.name == TEXTURE for link in node.inputs["Vector"].links]
    names = [link.from_node.uv_map for link in links if isinstance(link.from_node, bpy.types.ShaderNodeUVMap)]
    return next((name for name in names if name in mesh.uv_layers), "")


def remove_new_maps(mesh: bpy.types.Mesh, before: set[str]) -> None:
    """Remove the UV maps that the mesh did not have."""
    for name in [layer.name for layer in mesh.uv_layers if layer.name not in before]:
        mesh.uv_layers.remove(mesh.uv_layers[name])


def explained(target: bpy.types.Object, side: int, error: BaseException) -> BaseException:
    """Return an error as one for the user, if it is one of those that are expected."""
    if isinstance(error, UnwrapError):
        return BakeError(str(error))
    if isinstance(error, MemoryError):
        return BakeError(f'There is not enough memory to bake "{target.name}" to {side} pixels. Choose a smaller size.')
    return error


def check_can_bake(target: bpy.types.Object) -> None:
    """Raise BakeError for a mesh without faces or colors, or a linked one."""
    data = target.data
    if not isinstance(data, bpy.types.Mesh) or not len(data.polygons):
        raise BakeError(f'"{target.name}" has no faces to bake.')
    if target.library or data.library or data.override_library:
        raise BakeError(f'"{target.name}" is linked from another file. Bake it there.')
    if target.mode != "OBJECT":
        raise BakeError(f'"{target.name}" is in Edit Mode. Switch to Object Mode.')
    if not color_name(data):
        raise BakeError(f'"{target.name}" has no color attribute to bake.')


def color_name(data: Any) -> str:
    """Return the name of the color attribute to bake: ours, else the active one; "" if there is none."""
    attributes = data.color_attributes
    if attributes.get(COLOR) is not None:
        return COLOR
    return str(attributes.active_color.name) if attributes.active_color else ""


def slots_to_bake(target: bpy.types.Object) -> list[bpy.types.MaterialSlot]:
    """Return the slots whose materials read the colors, or the texture of an earlier bake."""
    name = color_name(target.data) or COLOR
    slots = [slot for slot in target.material_slots if slot.material and color_nodes(slot.material, name)]
    if not slots:
        raise BakeError(f'No material of "{target.name}" uses the color attribute "{name}".')
    if any(slot.material and slot.material.library for slot in slots):
        raise BakeError(f'The material of "{target.name}" is linked from another file. Bake it there.')
    return slots


def color_nodes(material: bpy.types.Material, name: str = COLOR) -> list[bpy.types.Node]:
    """Return the nodes that output the object's colors: of the attribute, or the Image Texture of an earlier bake."""
    nodes = material.node_tree.nodes if material.node_tree else ()
    readers = [node for node in nodes if read_attribute(node) == name]
    return readers + [node for node in nodes if isinstance(node, bpy.types.ShaderNodeTexImage) and node.name == TEXTURE]


def read_attribute(node: Any) -> str:
    """Return the name of the attribute that a node reads, or ""."""
    if isinstance(node, bpy.types.ShaderNodeAttribute):
        return str(node.attribute_name)
    return str(node.layer_name) if isinstance(node, bpy.types.ShaderNodeVertexColor) else ""


def reads_colors(material: bpy.types.Material | None) -> bool:
    """True if the material shows the object's colors, from the attribute or baked."""
    return material is not None and bool(color_nodes(material))


def is_baked(material: bpy.types.Material | None) -> bool:
    """True if the material shows colors that were baked to a texture."""
    nodes = color_nodes(material) if material else []
    return any(isinstance(node, bpy.types.ShaderNodeTexImage) for node in nodes)


def color_texture(data: bpy.types.Mesh, side: int, margin: int = DEFAULT_MARGIN, uv_map: str = "") -> np.ndarray:
    """Return the texture, `(side, side, 4) uint8` sRGB, bottom row first; of the active UV map without a name."""
    data.calc_loop_triangles()
    corners = read(data.loop_triangles, "loops", (len(data.loop_triangles), 3), np.int32)
    uv_layer: Any = data.uv_layers[uv_map] if uv_map else data.uv_layers.active
    uvs = read(uv_layer.uv, "vector", (len(data.loops), 2), np.float32)
    return paint_texture(uvs[corners], corner_colors(data)[corners], side, margin)


def corner_colors(data: bpy.types.Mesh) -> np.ndarray:
    """Return the linear colors of the face corners, `(L, 3) float32`, from a vertex or corner attribute."""
    attribute: Any = data.color_attributes[color_name(data)]
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
    """Return the slot's material, or a copy of it in the slot if something else uses it too, named after the object."""
    material = cast(bpy.types.Material, slot.material)
    user_map: Any = bpy.data.user_map
    users = user_map(subset=[material])[material] - {data, slot.id_data}
    if users:
        material = slot.material = material.copy()
        material.name = slot.id_data.name
    return material


def assign_texture(material: bpy.types.Material, image: bpy.types.Image, uv_map: str = "", name: str = COLOR) -> None:
    """Replace every use of a color attribute by an Image Texture node.

    Args:
        material: The material.
        image: The image.
        uv_map: Name of the UV map that the image belongs to; without it the one that is rendered.
        name: Name of the color attribute.
    """
    tree: Any = material.node_tree
    sources = color_nodes(material, name)
    texture: Any = tree.nodes.get(TEXTURE) or new_texture_node(tree, sources[0])
    before, texture.image = texture.image, image
    for link in [link for source in sources for link in source.outputs["Color"].links]:
        tree.links.new(texture.outputs["Color"], link.to_socket)
    if uv_map:
        link_uv_map(tree, texture, uv_map)
    if before is not None and before != image and not before.users:
        bpy.data.images.remove(before)


def link_uv_map(tree: Any, texture: Any, name: str) -> None:
    """Let a texture read a certain UV map, by a UV Map node."""
    links = texture.inputs["Vector"].links
    source: Any = links[0].from_node if links else tree.nodes.new("ShaderNodeUVMap")
    if isinstance(source, bpy.types.ShaderNodeUVMap):
        source.uv_map, source.location = name, (texture.location[0] - 200, texture.location[1])
        outputs: Any = source.outputs
        tree.links.new(outputs["UV"], texture.inputs["Vector"])


def new_texture_node(tree: bpy.types.NodeTree, replaced: bpy.types.Node) -> bpy.types.Node:
    """Return a new Image Texture node above the node that it replaces."""
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.name = TEXTURE
    texture.location = (replaced.location[0] - 80, replaced.location[1] + 300)
    return texture
