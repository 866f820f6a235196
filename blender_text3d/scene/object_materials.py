# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of whole objects: one for each, named after it; one for several; or with another look."""

from typing import Any

import bpy

from .bake import is_baked, own_material, reads_colors
from .data_access import mesh_of
from .material import is_color_material
from .material_look import Look, set_look, store_look
from .mesh_selection import reason_without_modifiers


def reason_to_keep_materials(target: bpy.types.Object) -> str:
    """Return why the materials of an object cannot be changed, or ""."""
    if reason := reason_without_modifiers(target):
        return reason
    if target.override_library is not None:
        return "a library override"
    return "linked from another file" if target.data is not None and target.data.library is not None else ""


def reason_not_to_share(target: bpy.types.Object) -> str:
    """Return why an object cannot show its colors by another one's material, or ""."""
    if reason := reason_to_keep_materials(target):
        return reason
    return "with a texture of its own" if any(map(is_baked, mesh_of(target).materials)) else ""


def reason_not_to_look(target: bpy.types.Object) -> str:
    """Return why an object cannot look like metal or glass, or ""."""
    if reason := reason_to_keep_materials(target):
        return reason
    has_surface = any(slot.material and principled(slot.material) for slot in target.material_slots)
    return "" if has_surface else "without a Principled BSDF"


def principled(material: bpy.types.Material) -> bool:
    """True if a material has a Principled BSDF."""
    nodes: Any = material.node_tree.nodes if material.node_tree else ()
    return any(node.type == "BSDF_PRINCIPLED" for node in nodes)


def apply_look(target: bpy.types.Object, look: Look) -> None:
    """Give an object's materials a look; those that other objects use, too, are copied first."""
    for slot in target.material_slots:
        if slot.material and principled(slot.material):
            set_look(own_material(slot, mesh_of(target)), look)
    store_look(mesh_of(target), look)


def make_single_user(target: bpy.types.Object) -> bool:
    """Copy the materials that others use, too, and name the color materials after the object; True if any changed."""
    before = [(slot.material, slot.material and slot.material.name) for slot in target.material_slots]
    for slot in target.material_slots:
        if slot.material:
            material = own_material(slot, mesh_of(target))
            if is_color_material(material) and not is_named_after(material, target):
                material.name = target.name
    return before != [(slot.material, slot.material and slot.material.name) for slot in target.material_slots]


def shows_its_own_name(target: bpy.types.Object) -> bool:
    """True if a material of the object is named after it."""
    return any(slot.material and is_named_after(slot.material, target) for slot in target.material_slots)


def is_named_after(material: bpy.types.Material, target: bpy.types.Object) -> bool:
    """True if a material has the name of an object, or that with Blender's number."""
    return material.name == target.name or material.name.rpartition(".")[0] == target.name


def shared_material(target: bpy.types.Object) -> bpy.types.Material | None:
    """Return the material of an object that others can share: one that shows colors from the attribute, or None."""
    used = [slot.material for slot in target.material_slots if slot.material]
    return next((material for material in used if reads_colors(material) and not is_baked(material)), None)


def share_material(target: bpy.types.Object, material: bpy.types.Material) -> bool:
    """Show an object's colors by this material in all slots that show them; True if any slot changed."""
    slots = [slot for slot in target.material_slots if slot.material is None or reads_colors(slot.material)]
    changed = [slot for slot in slots if slot.material != material]
    replaced = [slot.material for slot in changed if slot.material and is_color_material(slot.material)]
    for slot in changed:
        slot.material = material
    bpy.data.batch_remove([each for each in dict.fromkeys(replaced) if not each.users and not each.library])
    if not target.material_slots:
        mesh_of(target).materials.append(material)
        return True
    return bool(changed)
