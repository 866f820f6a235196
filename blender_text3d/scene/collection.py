# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection of generated objects."""

from collections.abc import Iterable

import bpy

from .names import COLLECTION


def text3d_collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """Return the scene's own collection "Text3D", which is created if it is missing."""
    children: Iterable[bpy.types.Collection] = scene.collection.children_recursive
    for collection in children:
        if is_text3d_collection(collection):
            return collection
    unlinked = (
        collection for collection in bpy.data.collections if is_text3d_collection(collection) and collection.users == 0
    )
    collection = next(unlinked, None) or bpy.data.collections.new(COLLECTION)
    scene.collection.children.link(collection)
    return collection


def is_text3d_collection(collection: bpy.types.Collection) -> bool:
    """True if the collection has the add-on's name and is not linked from another file."""
    return collection.name.split(".")[0] == COLLECTION and collection.library is None


def remove_if_empty(collection: bpy.types.Collection) -> None:
    """Remove a collection "Text3D" that is empty."""
    if is_text3d_collection(collection) and not collection.objects and not collection.children:
        bpy.data.collections.remove(collection)


def ensure_in_scene(target: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Link an object that is in no scene, because it is new or the user removed its collection or scene.

    A collection "Text3D" that the user unlinked from the scene is linked again with all its objects.
    """
    if not target.users_scene:  # not by name: a linked object may have the same one
        collection = text3d_collection(scene)
        if collection not in target.users_collection:
            collection.objects.link(target)


def refresh_view_layers() -> None:
    """Update the object list of every view layer.

    Blender does so when a view layer is next read. If that is in the middle of an undo, when half of the data-blocks
    are read and the others freed, Blender crashes.
    """
    for scene in bpy.data.scenes:
        for layer in scene.view_layers:
            _ = layer.objects.active
