# SPDX-License-Identifier: GPL-3.0-or-later
"""Random actions in Blender itself: undo, files, scenes, objects, modes, workspaces, rendering."""

import contextlib

import bpy

import blender_text3d

PROGRAM = 16


def in_object_mode() -> bool:
    """Switch to Object Mode; False if that is impossible."""
    if bpy.context.mode != "OBJECT" and bpy.context.view_layer.objects.active:
        bpy.ops.object.mode_set(mode="OBJECT")
    return bpy.context.mode == "OBJECT"


def undo(driver) -> None:
    """Undo several steps."""
    for _ in range(driver.rng.randrange(1, 6)):
        bpy.ops.ed.undo()


def redo(driver) -> None:
    """Redo several steps."""
    for _ in range(driver.rng.randrange(1, 6)):
        bpy.ops.ed.redo()


def add_a_cube(driver) -> None:
    """Add a cube."""
    if in_object_mode():
        bpy.ops.mesh.primitive_cube_add()


def save_and_open(driver) -> None:
    """Save or open a file, which may contain previews of running jobs."""
    path = driver.folder / f"file{driver.rng.randrange(3)}.blend"
    if driver.rng.random() < 0.5 or not path.exists():
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
    else:
        bpy.ops.wm.open_mainfile(filepath=str(path))


def open_new_file(driver) -> None:
    """Open the default file or an empty one."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=driver.rng.random() < 0.5)


def change_scenes(driver) -> None:
    """Add, switch or delete a scene."""
    what, window = driver.rng.randrange(3), bpy.context.window
    if what == 0:
        bpy.data.scenes.new(driver.rng.choice(("other", "Scene", "ö" * 20)))
    elif what == 1 and window:
        window.scene = driver.rng.choice(list(bpy.data.scenes))
    elif len(bpy.data.scenes) > 1:
        bpy.data.scenes.remove(driver.rng.choice(list(bpy.data.scenes)))


def rename_anything(driver) -> None:
    """Rename an object, a mesh, a scene or a collection."""
    for kind in (bpy.data.objects, bpy.data.meshes, bpy.data.scenes, bpy.data.collections):
        if len(kind) and driver.rng.random() < 0.5:
            driver.rng.choice(list(kind)).name = driver.rng.choice(("Text3D", "a red chair", "x" * 80, "ö"))


def delete_anything(driver) -> None:
    """Delete an object, a mesh, a material, a collection or a node group, also one of the add-on."""
    kinds = (bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.collections, bpy.data.node_groups)
    kind = driver.rng.choice(kinds)
    if len(kind):
        kind.remove(driver.rng.choice(list(kind)))


def delete_selected(driver) -> None:
    """Delete the selected objects like the X key."""
    if in_object_mode():
        bpy.ops.object.select_all(action=driver.rng.choice(("SELECT", "DESELECT", "INVERT")))
        bpy.ops.object.delete(use_global=False)


def change_mode(driver) -> None:
    """Switch to a random mode, if the object has it."""
    with contextlib.suppress(TypeError):
        bpy.ops.object.mode_set(mode=driver.rng.choice(("OBJECT", "OBJECT", "EDIT", "SCULPT", "VERTEX_PAINT")))


def select_anything(driver) -> None:
    """Make a random object active."""
    layer = bpy.context.view_layer
    objects = list(layer.objects) if in_object_mode() else []
    if objects:
        target = driver.rng.choice(objects)
        target.select_set(driver.rng.random() < 0.8)
        layer.objects.active = target


def duplicate_selected(driver) -> None:
    """Duplicate the selected objects with their recipes."""
    if in_object_mode():
        bpy.ops.object.duplicate()


def switch_workspace(driver) -> None:
    """Switch to a random workspace."""
    window = bpy.context.window
    if window and len(bpy.data.workspaces):
        window.workspace = driver.rng.choice(list(bpy.data.workspaces))


def render(driver) -> None:
    """Render a few pixels, but rarely, since that is slow."""
    if driver.rng.random() < 0.25:
        scene = bpy.context.scene
        scene.render.engine, scene.cycles.samples = "CYCLES", 1
        scene.render.resolution_x = scene.render.resolution_y = PROGRAM
        scene.render.resolution_percentage = 100
        bpy.ops.render.render()


def disable_and_enable(driver) -> None:
    """Disable and enable the add-on like the checkbox in the preferences."""
    blender_text3d.unregister()
    blender_text3d.register()


def purge(driver) -> None:
    """Remove unused data-blocks."""
    bpy.data.orphans_purge()


ACTIONS = (
    undo, undo, redo, add_a_cube, save_and_open, open_new_file, change_scenes, rename_anything,
    delete_anything, delete_selected, change_mode, change_mode, select_anything, duplicate_selected, switch_workspace,
    render, disable_and_enable, purge,
)  # fmt: skip

WITH_UNDO_STEP = (
    add_a_cube, change_scenes, rename_anything, delete_anything, delete_selected, change_mode,
    select_anything, duplicate_selected, purge,
)  # fmt: skip
"""Actions that are followed by an undo step, as a window adds one after each operator."""
