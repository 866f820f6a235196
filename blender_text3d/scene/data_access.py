# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to Blender data whose exact type the published stubs do not know."""

from typing import Any, cast

import bpy


def mesh_of(target: bpy.types.Object) -> bpy.types.Mesh:
    """Return the data of a mesh object."""
    return cast(bpy.types.Mesh, target.data)


def attribute_values(data: "bpy.types.Mesh | bpy.types.PointCloud", name: str) -> Any:
    """Return the values of an attribute, for foreach_get and foreach_set.

    Raises:
        KeyError: There is no attribute of this name.
    """
    return cast(Any, data.attributes[name]).data


def custom_property(item: bpy.types.ID, name: str) -> Any:
    """Return a custom property, or None if missing."""
    return cast(Any, item).get(name)
