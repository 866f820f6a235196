# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection that our objects live in."""

import bpy

from .names import COLLECTION


def text3d_collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The scene's own collection "Text3D", made where it lacks one."""
    for collection in scene.collection.children_recursive:
        if is_text3d_collection(collection):
            return collection
    lost = (
        collection for collection in bpy.data.collections if is_text3d_collection(collection) and collection.users == 0
    )
    collection = next(lost, None) or bpy.data.collections.new(COLLECTION)
    scene.collection.children.link(collection)
    return collection


def is_text3d_collection(collection: bpy.types.Collection) -> bool:
    """Whether it bears our name; linked ones are another file's."""
    return collection.name.split(".")[0] == COLLECTION and collection.library is None


def remove_if_empty(collection: bpy.types.Collection) -> None:
    """Remove a collection of ours that holds nothing any more."""
    if is_text3d_collection(collection) and not collection.objects and not collection.children:
        bpy.data.collections.remove(collection)


def ensure_in_scene(target: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Link an object that stands in no scene, because it is new or the user removed its collection or scene.

    A collection of ours that the user took out of the scene comes back with all that is in it.
    """
    if target.name not in scene.objects and not target.users_scene:
        collection = text3d_collection(scene)
        if collection not in target.users_collection:
            collection.objects.link(target)


def refresh_view_layers() -> None:
    """Let every view layer list its objects anew if something was linked or removed.

    Blender does it when it next looks at one. Where that is in the middle of undoing, when half of the data-blocks are
    read and the others freed, Blender crashes.
    """
    for scene in bpy.data.scenes:
        for layer in scene.view_layers:
            _ = layer.objects.active
