# SPDX-License-Identifier: GPL-3.0-or-later
"""An object alone in a scene of its own, for Blender's modifiers and operators on a mesh.

Neither the user's selection nor hidden collections matter there, and nothing else is evaluated again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy

NAME = "Text3D Temporary"


@contextmanager
def lone_object(data: bpy.types.Mesh) -> Iterator[tuple[bpy.types.Object, bpy.types.ViewLayer]]:
    """Give a new object with this mesh, active and selected in a new scene, and its view layer; remove both."""
    scene = bpy.data.scenes.new(NAME)
    target = bpy.data.objects.new(NAME, data)
    try:
        scene.collection.objects.link(target)
        layer = scene.view_layers[0]
        layer.objects.active = target
        target.select_set(True, view_layer=layer)
        yield target, layer
    finally:
        bpy.data.objects.remove(target)
        bpy.data.scenes.remove(scene)


def with_modifiers(data: bpy.types.Mesh, add: Callable[[bpy.types.Object], None]) -> bpy.types.Mesh:
    """Return a new mesh: this one with modifiers applied.

    Args:
        data: The mesh; its shape keys act as they are set, and the result has none.
        add: Adds the modifiers to an object.
    """
    with lone_object(data) as (target, layer):
        add(target)
        layer.update()
        depsgraph: Any = layer.depsgraph
        evaluated = target.evaluated_get(depsgraph)
        created = bpy.data.meshes.new_from_object(evaluated, preserve_all_data_layers=True, depsgraph=depsgraph)
    created.name = data.name
    return created


def run_operator(target: bpy.types.Object, layer: bpy.types.ViewLayer, operator: Any, **options: Any) -> set[str]:
    """Run an operator of Blender on a lone object; raise RuntimeError if it refuses."""
    layer.update()
    selected = [target]
    context: Any = bpy.context
    with context.temp_override(
        scene=layer.id_data, view_layer=layer, active_object=target, object=target, selected_objects=selected,
        selected_editable_objects=selected,
    ):  # fmt: skip
        done: set[str] = operator(**options)
    return done
