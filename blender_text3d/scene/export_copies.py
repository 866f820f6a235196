# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of objects as files for other programs hold them, in a scene of their own, for Blender's exporters.

Modifiers, shape keys, rotation and scale are applied, lengths are in meters, and colors are baked to textures. The
copies have the names of the objects, which those lack meanwhile, as names in a file are unique.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, cast

import bpy
from mathutils import Matrix

from .bake import BakeError, bake_texture, reads_colors
from .copying import Copying
from .data_access import custom_property, mesh_of
from .decimate import MIN_FACES, add_collapse, triangle_count
from .jpeg import opaque_copy
from .lods import base_name
from .lone_object import NAME, with_modifiers
from .names import JOB_ID, RECIPE
from .object_parts import SURFACE_TYPES


class CopyOptions(NamedTuple):
    """Options of the copies.

    Attributes:
        meters_per_unit: Length of a Blender unit.
        is_at_origin: Put each copy at the origin.
        lod_levels: Copies with half of the faces each, named NAME_LOD1 and so on beside NAME_LOD0.
        has_lod_groups: Make them children of an Empty that FBX knows as LodGroup.
        side: Width and height of baked textures in pixels.
    """

    meters_per_unit: float
    is_at_origin: bool
    side: int
    lod_levels: int = 0
    has_lod_groups: bool = False


class ExportScene(NamedTuple):
    """A scene with nothing but copies, and one sentence for each problem."""

    scene: bpy.types.Scene
    copies: list[bpy.types.Object]
    problems: list[str]


@contextmanager
def export_scene(targets: Sequence[bpy.types.Object], options: CopyOptions) -> Iterator[ExportScene]:
    """Make a scene with copies of objects that `can_copy`; all of it is removed at the end."""
    copying = Copying()
    images = set(bpy.data.images)
    scene = bpy.data.scenes.new(NAME)
    problems: list[str] = []
    try:
        meshes = [evaluated_mesh(target) for target in targets]
        copies = []
        for target, data in zip(targets, meshes, strict=True):
            copied = object_copy(target, data, options, copying)
            problems += bake_colors(copied, options, copying)
            copies += [copied, *lod_copies(copied, options, copying)]
            link_with_parent(scene, copies)
        scene.view_layers[0].update()
        yield ExportScene(scene, copies, problems)
    finally:
        copying.made += [image for image in bpy.data.images if image not in images]
        bpy.data.scenes.remove(scene)  # not with the rest: a window may show it
        copying.undo()


@contextmanager
def inside(scene: bpy.types.Scene) -> Iterator[None]:
    """Let Blender's operators act on a scene; windows that they make show it show their own again."""
    context: Any = bpy.context
    windows = {window: window.scene for window in context.window_manager.windows}
    try:
        with context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
            yield
    finally:
        for window, own in windows.items():
            if window.scene != own:
                window.scene = own


def can_copy(target: bpy.types.Object) -> bool:
    """True for an object that is visible and shows faces of its own."""
    if target.type not in SURFACE_TYPES or not target.visible_get():
        return False
    graph: Any = cast(Any, bpy.context).evaluated_depsgraph_get()
    shown: Any = target.evaluated_get(graph)
    if target.type == "MESH":
        return len(shown.data.polygons) > 0
    try:
        return len(shown.to_mesh().polygons) > 0
    finally:
        shown.to_mesh_clear()


def with_instances(targets: Sequence[bpy.types.Object]) -> list[str]:
    """Return the names of objects that show instances of others, which copies leave out."""
    wanted = {target.session_uid: target.name for target in targets}
    graph: Any = cast(Any, bpy.context).evaluated_depsgraph_get()
    shown = (item for item in graph.object_instances if item.is_instance and item.object.type in SURFACE_TYPES)
    owners = dict.fromkeys(item.parent.original.session_uid for item in shown)
    return [wanted[uid] for uid in owners if uid in wanted]


def evaluated_mesh(target: bpy.types.Object) -> bpy.types.Mesh:
    """Return a new mesh with the modifiers and shape keys of an object applied, in object space."""
    graph: Any = cast(Any, bpy.context).evaluated_depsgraph_get()
    shown = target.evaluated_get(graph)
    return bpy.data.meshes.new_from_object(shown, preserve_all_data_layers=True, depsgraph=graph)


def object_copy(
    target: bpy.types.Object, data: bpy.types.Mesh, options: CopyOptions, copying: Copying
) -> bpy.types.Object:
    """Return a copy of an object that has this mesh, placed and scaled, with copies of the materials."""
    matrix: Any = target.matrix_world
    turn = matrix.to_3x3().to_4x4()
    data.transform(Matrix.Scale(options.meters_per_unit, 4) @ turn)
    if turn.determinant() < 0:
        data.flip_normals()
    data.update()
    name = target.name
    copied: bpy.types.Object = copying.keep(bpy.data.objects.new(name, data), target, name)
    if not options.is_at_origin:
        copied.location = matrix.translation * options.meters_per_unit
    copying.keep(data, bpy.data.meshes.get((name, None)), name)
    set_materials(target, data, copying)
    for key in (RECIPE, JOB_ID):
        if custom_property(target, key) is not None:
            copied[key] = custom_property(target, key)
    return copied


def lod_copies(copied: bpy.types.Object, options: CopyOptions, copying: Copying) -> list[bpy.types.Object]:
    """Return copies of a copy with half of the faces each; it becomes the first level itself."""
    if not options.lod_levels:
        return []
    name, first, made = base_name(copied), mesh_of(copied), []
    total = max(triangle_count(first), 1)
    for level in range(1, options.lod_levels + 1):
        ratio = min(max(0.5**level, MIN_FACES / total), 1.0)
        data = with_modifiers(first, partial(add_collapse, ratio=ratio))
        made.append(named_copy(bpy.data.objects.new(name, data), f"{name}_LOD{level}", copying))
        made[-1].location = copied.location
    named_copy(copied, f"{name}_LOD0", copying)
    if options.has_lod_groups:
        other = bpy.data.objects.get((name, None))
        group: Any = copying.keep(bpy.data.objects.new(name, None), other, name)
        group.location, group["fbx_type"] = copied.location, "LodGroup"
        for level_copy in [copied, *made]:
            level_copy.parent, level_copy.location = group, (0, 0, 0)
    return made


def named_copy(copied: bpy.types.Object, name: str, copying: Copying) -> bpy.types.Object:
    """Give a copy and its mesh a name."""
    data = mesh_of(copied)
    copying.keep(data, bpy.data.meshes.get((name, None)), name)
    copying.keep(copied, bpy.data.objects.get((name, None)), name)
    return copied


def link_with_parent(scene: bpy.types.Scene, copies: Sequence[bpy.types.Object]) -> None:
    """Show copies and their parents in a scene."""
    shown = scene.collection.objects
    for item in dict.fromkeys([*(copied.parent for copied in copies if copied.parent), *copies]):
        if item.name not in shown:
            shown.link(item)


def set_materials(target: bpy.types.Object, data: bpy.types.Mesh, copying: Copying) -> None:
    """Give a mesh copies of the materials that the object shows."""
    slots = [slot for slot in target.material_slots if slot.link == "OBJECT" or not data.materials]
    shown = dict(enumerate(data.materials)) | {slot.slot_index: slot.material for slot in slots}
    for index, material in sorted(shown.items()):
        used = copying.material(material) if material else None
        if index < len(data.materials):  # clearing the list would reset the faces' indices
            data.materials[index] = used
        else:
            data.materials.append(used)


def store_images(copies: Sequence[bpy.types.Object], store: Callable[[Any], None]) -> None:
    """Give copies images in files, for exporters that leave out those in the .blend file or in memory.

    Args:
        copies: Objects of an `ExportScene`.
        store: Gives a new image without a file one.
    """
    stored: dict[bpy.types.Image, Any] = {}
    materials = {slot.material for copied in copies for slot in copied.material_slots if slot.material}
    trees: list[Any] = [material.node_tree for material in materials if material.node_tree]
    for node in [node for tree in trees for node in tree.nodes if node.type == "TEX_IMAGE" and node.image]:
        if node.image.packed_file or node.image.is_dirty or node.image.source == "GENERATED":
            if node.image not in stored:
                copy = opaque_copy(node.image)
                store(copy)
                stored[node.image] = copy
            node.image = stored[node.image]


def bake_colors(copied: bpy.types.Object, options: CopyOptions, copying: Copying) -> list[str]:
    """Bake the colors of a copy to a texture if its materials read them; returns what kept it from that.

    It is in the user's scene meanwhile, since Blender unwraps only there.
    """
    if not any(reads_colors(slot.material) for slot in copied.material_slots):
        return []
    before, home = set(bpy.data.materials), cast(Any, bpy.context).scene.collection.objects
    home.link(copied)
    try:
        bake_texture(copied, options.side, keeps_attribute=False)
    except BakeError as error:
        return [f"{str(error).rstrip('.')}, so it was exported without colors."]
    finally:
        home.unlink(copied)
        copying.made += [material for material in bpy.data.materials if material not in before]
    return []
