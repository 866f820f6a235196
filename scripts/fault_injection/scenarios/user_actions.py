# SPDX-License-Identifier: GPL-3.0-or-later
"""What the random user does in Blender besides: undo, files, scenes, objects, modes, workspaces, rendering."""

import contextlib

import bpy

import blender_text3d

SIDE = 16


def in_object_mode() -> bool:
    """Leave any other mode; False where that cannot be."""
    if bpy.context.mode != "OBJECT" and bpy.context.view_layer.objects.active:
        bpy.ops.object.mode_set(mode="OBJECT")
    return bpy.context.mode == "OBJECT"


def undo(driver) -> None:
    """Many times."""
    for _ in range(driver.chance.randrange(1, 6)):
        bpy.ops.ed.undo()


def redo(driver) -> None:
    """Many times."""
    for _ in range(driver.chance.randrange(1, 6)):
        bpy.ops.ed.redo()


def do_something_to_undo(driver) -> None:
    """A cube."""
    if in_object_mode():
        bpy.ops.mesh.primitive_cube_add()


def save_and_open(driver) -> None:
    """A file, which may hold previews of jobs at work."""
    path = driver.folder / f"file{driver.chance.randrange(3)}.blend"
    if driver.chance.random() < 0.5 or not path.exists():
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
    else:
        bpy.ops.wm.open_mainfile(filepath=str(path))


def open_new_file(driver) -> None:
    """The factory's file, or none of it."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=driver.chance.random() < 0.5)


def change_scenes(driver) -> None:
    """Add one, go to another, or delete one."""
    what, window = driver.chance.randrange(3), bpy.context.window
    if what == 0:
        bpy.data.scenes.new(driver.chance.choice(("other", "Scene", "ö" * 20)))
    elif what == 1 and window:
        window.scene = driver.chance.choice(list(bpy.data.scenes))
    elif len(bpy.data.scenes) > 1:
        bpy.data.scenes.remove(driver.chance.choice(list(bpy.data.scenes)))


def rename_anything(driver) -> None:
    """An object, a mesh, a scene or a collection."""
    for kind in (bpy.data.objects, bpy.data.meshes, bpy.data.scenes, bpy.data.collections):
        if len(kind) and driver.chance.random() < 0.5:
            driver.chance.choice(list(kind)).name = driver.chance.choice(("Text3D", "a red chair", "x" * 80, "ö"))


def delete_anything(driver) -> None:
    """An object, a mesh, a material, a collection or a node group; our own, too."""
    kinds = (bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.collections, bpy.data.node_groups)
    kind = driver.chance.choice(kinds)
    if len(kind):
        kind.remove(driver.chance.choice(list(kind)))


def delete_selected(driver) -> None:
    """As the X key does."""
    if in_object_mode():
        bpy.ops.object.select_all(action=driver.chance.choice(("SELECT", "DESELECT", "INVERT")))
        bpy.ops.object.delete(use_global=False)


def change_mode(driver) -> None:
    """Into Edit Mode or another one, and out again; Blender says which of them an object has."""
    with contextlib.suppress(TypeError):
        bpy.ops.object.mode_set(mode=driver.chance.choice(("OBJECT", "OBJECT", "EDIT", "SCULPT", "VERTEX_PAINT")))


def select_anything(driver) -> None:
    """Make some object the active one."""
    layer = bpy.context.view_layer
    there = list(layer.objects) if in_object_mode() else []
    if there:
        target = driver.chance.choice(there)
        target.select_set(driver.chance.random() < 0.8)
        layer.objects.active = target


def duplicate_selected(driver) -> None:
    """With its recipe."""
    if in_object_mode():
        bpy.ops.object.duplicate()


def switch_workspace(driver) -> None:
    """To any that the file has."""
    window = bpy.context.window
    if window and len(bpy.data.workspaces):
        window.workspace = driver.chance.choice(list(bpy.data.workspaces))


def render(driver) -> None:
    """A few pixels, now and then, since that takes time."""
    if driver.chance.random() < 0.25:
        scene = bpy.context.scene
        scene.render.engine, scene.cycles.samples = "CYCLES", 1
        scene.render.resolution_x = scene.render.resolution_y = SIDE
        scene.render.resolution_percentage = 100
        bpy.ops.render.render()


def disable_and_enable(driver) -> None:
    """As the check mark in the preferences does."""
    blender_text3d.unregister()
    blender_text3d.register()


def purge(driver) -> None:
    """Remove what nobody uses."""
    bpy.data.orphans_purge()


ACTIONS = (
    undo, undo, redo, do_something_to_undo, save_and_open, open_new_file, change_scenes, rename_anything,
    delete_anything, delete_selected, change_mode, change_mode, select_anything, duplicate_selected, switch_workspace,
    render, disable_and_enable, purge,
)  # fmt: skip

WITH_STEP = (
    do_something_to_undo, change_scenes, rename_anything, delete_anything, delete_selected, change_mode,
    select_anything, duplicate_selected, purge,
)  # fmt: skip
"""After these there is an undo step, as a window makes one after each operator."""
