# SPDX-License-Identifier: GPL-3.0-or-later
"""The denoising steps of an object, shown in its place by a modifier; the object itself stays as it is."""

from collections.abc import Iterable, Sequence
from typing import Any

import bpy
import numpy as np

from ..geometry import Mesh, PointCloud
from ..geometry.placement import CapturedPlacement, Placement
from .data_access import custom_property, mesh_of
from .fcurves import remove_keys
from .material import color_material, is_color_material
from .mesh import fill_mesh
from .names import JOB_ID, STEPS_NODES
from .points_nodes import get_input, identifier_of, set_input
from .preview_object import fill_with_tetrahedra
from .steps_nodes import COLLECTION, STEP, count_of, steps_nodes

MAX_POINTS = 1024


def add_steps(
    target: bpy.types.Object, job_id: str, steps: Sequence[Mesh | PointCloud], placement: Placement | CapturedPlacement
) -> None:
    """Add the modifier that shows the steps, at its last one, in place of an earlier one.

    Args:
        target: The object.
        job_id: The job whose steps they are.
        steps: Meshes or clouds in model space; clouds are shown as small tetrahedra, whose colors Solid view shows.
        placement: Transform to object space.
    """
    remove_steps(target)
    collection = bpy.data.collections.new(f"{target.name} Steps")
    collection[JOB_ID] = job_id
    material = material_of(target, steps[-1].colors)
    for number, step in enumerate(steps, start=1):
        data = bpy.data.meshes.new(f"{collection.name} {number:04d}")
        fill_step(data, step, placement)
        data.materials.append(material)
        collection.objects.link(bpy.data.objects.new(data.name, data))
    modifier: Any = target.modifiers.new(STEPS_NODES, "NODES")
    modifier.node_group = steps_nodes(len(steps))
    set_input(modifier, COLLECTION, collection)
    set_input(modifier, STEP, len(steps))


def fill_step(data: bpy.types.Mesh, step: Mesh | PointCloud, placement: Placement | CapturedPlacement) -> None:
    """Fill mesh data with one step in object space; nothing may have formed yet."""
    points = step.vertices if isinstance(step, Mesh) else step.points
    if not len(points):
        return
    placed = placement.apply(points)
    if isinstance(step, Mesh):
        fill_mesh(data, placed, step.faces, step.colors)
    else:
        every = -(-len(points) // MAX_POINTS)
        low, high = np.percentile(placed, (2, 98), axis=0)
        fill_with_tetrahedra(data, placed[::every], step.colors[::every], size=float((high - low).max()))


def material_of(target: bpy.types.Object, colors_srgb: np.ndarray) -> bpy.types.Material:
    """Return the object's material if it shows the color attribute, else a new one that does."""
    first = next((slot.material for slot in target.material_slots if slot.material), None)
    return first if first and is_color_material(first) else color_material(colors_srgb, f"{target.name} Steps")


def steps_modifier(target: bpy.types.Object | None) -> Any:
    """Return the modifier that shows steps, or None if there is none, or it lost its steps."""
    modifiers: Iterable[Any] = target.modifiers if target is not None else ()
    nodes = (modifier for modifier in modifiers if modifier.type == "NODES" and modifier.node_group)
    found = next((modifier for modifier in nodes if count_of(modifier.node_group)), None)
    return found if found is not None and get_input(found, COLLECTION) else None


def steps_job(target: bpy.types.Object) -> str:
    """Return the job whose steps an object shows, or ""."""
    modifier = steps_modifier(target)
    job_id = custom_property(get_input(modifier, COLLECTION), JOB_ID) if modifier else None
    return job_id if isinstance(job_id, str) else ""


def step_count(target: bpy.types.Object) -> int:
    """Return the number of steps that an object shows, or 0."""
    modifier = steps_modifier(target)
    return count_of(modifier.node_group) if modifier else 0


def shown_step(target: bpy.types.Object) -> int:
    """Return the step that is shown, from 1, or 0 without steps."""
    modifier = steps_modifier(target)
    return min(max(int(get_input(modifier, STEP)), 1), count_of(modifier.node_group)) if modifier else 0


def show_step(target: bpy.types.Object, step: int) -> None:
    """Show a step of an object that has steps."""
    set_input(steps_modifier(target), STEP, step)


def step_property(modifier: Any) -> tuple[Any, str]:
    """Return the data and the name of the modifier's step, for a slider or a keyframe."""
    identifier = identifier_of(modifier, STEP)
    if hasattr(modifier, "properties"):
        return getattr(modifier.properties.inputs, identifier), "value"
    return modifier, f'["{identifier}"]'


def step_path(modifier: Any) -> str:
    """Return the path of the modifier's step from its object, as F-curves have it."""
    identifier = identifier_of(modifier, STEP)
    tail = f".properties.inputs.{identifier}.value" if hasattr(modifier, "properties") else f'["{identifier}"]'
    return f'modifiers["{modifier.name}"]{tail}'


def remove_steps(target: bpy.types.Object) -> None:
    """Remove the modifier with its keyframes, and the steps unless a copy of the object shows them."""
    modifier = steps_modifier(target)
    if modifier is None:
        return
    remove_keys(target, step_path(modifier))
    collection = get_input(modifier, COLLECTION)
    target.modifiers.remove(modifier)
    target.update_tag()
    if not is_used(collection):
        objects = list(collection.objects)
        meshes = [mesh_of(item) for item in objects if item.type == "MESH"]
        bpy.data.batch_remove([collection])
        bpy.data.batch_remove([item for item in objects if not is_used(item)])
        bpy.data.batch_remove([data for data in meshes if not is_used(data)])


def is_used(item: bpy.types.ID) -> bool:
    """True if other data-blocks use one; in Blender 5.2 its count of users still has removed modifiers."""
    user_map: Any = bpy.data.user_map
    return bool(user_map(subset=[item])[item])
