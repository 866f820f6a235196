# SPDX-License-Identifier: GPL-3.0-or-later
"""Object.text3d_versions: the versions of a generated object, and which of them is active.

No callbacks: one inside a PropertyGroup crashes Blender 4.2 as a module at exit.
"""

import bpy

NAME, ACTIVE_NAME = "text3d_versions", "text3d_active_version"
"""As in scene/names.py, which is not imported when the add-on registers."""


class TEXT3D_Version(bpy.types.PropertyGroup):
    """One version of a generated object; its name is the prompt."""

    data: bpy.props.PointerProperty(
        type=bpy.types.ID, name="Data", description="Mesh or point cloud; none if the version is active"
    )
    recipe: bpy.props.StringProperty(name="Recipe", description="All settings to generate it again, as JSON")
    job_id: bpy.props.StringProperty(name="Job", description="Name of the job folder")
    seed: bpy.props.IntProperty(name="Seed", description="Random seed")
    created: bpy.props.StringProperty(name="Date", description="Date and time of the job")


def add() -> None:
    """Add the properties to all objects."""
    bpy.utils.register_class(TEXT3D_Version)
    setattr(bpy.types.Object, NAME, bpy.props.CollectionProperty(type=TEXT3D_Version))
    setattr(bpy.types.Object, ACTIVE_NAME, bpy.props.IntProperty(min=0))


def remove() -> None:
    """Remove the properties; what is stored in the file stays."""
    delattr(bpy.types.Object, ACTIVE_NAME)
    delattr(bpy.types.Object, NAME)
    bpy.utils.unregister_class(TEXT3D_Version)
