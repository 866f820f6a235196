# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection that our objects live in."""

import bpy

from .names import COLLECTION


def text3d_collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The scene's own collection "Text3D", made where it lacks one."""
    for collection in scene.collection.children_recursive:
        if collection.name.split(".")[0] == COLLECTION and collection.library is None:
            return collection
    collection = bpy.data.collections.new(COLLECTION)
    scene.collection.children.link(collection)
    return collection


def put_in_scene(target: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Link an object that stands in no scene, because it is new or the user removed its collection or scene."""
    if target.name not in scene.objects and not target.users_scene:
        text3d_collection(scene).objects.link(target)
