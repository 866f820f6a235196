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
