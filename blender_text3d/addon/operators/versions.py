# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the versions of the active object: show, delete, turn into objects."""

from typing import Any

import bpy

from ..jobs.replacement import active_generated, is_separated
from .poll import is_in_object_mode, is_met


def active_versions(context: bpy.types.Context) -> tuple[int, int]:
    """Return the number of the active object's version and the number of versions; (1, 1) without an object."""
    from ...scene.version_list import version_count, version_number

    target = active_generated()
    return (version_number(target), version_count(target)) if target else (1, 1)


class VersionOperator:
    """Base of the operators on an object that has versions."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls: Any, context: bpy.types.Context) -> bool:
        return is_in_object_mode(cls, context) and is_met(
            cls, active_versions(context)[1] >= 2, "The active object has no other version"
        )

    def show(self: Any, number: int) -> set[str]:
        """Show a version of the active object."""
        from ...scene.versions import show_version

        target = active_generated()
        if target is not None and is_separated(target):
            text = f'"{target.name}" is separated into parts. Another version would leave them in the scene.'
            self.report({"ERROR"}, f"{text} Use Join Parts first.")
            return {"CANCELLED"}
        return self.change(show_version, number)

    def change(self: Any, change_object, *arguments) -> set[str]:
        """Call a function with the active object, and report why it cannot be changed."""
        from ...scene.versions import VersionError

        try:
            change_object(active_generated(), *arguments)
        except VersionError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class TEXT3D_OT_previous_version(VersionOperator, bpy.types.Operator):
    """Show the previous version of the active object"""

    bl_idname = "text3d.previous_version"
    bl_label = "Previous Version"

    def execute(self, context: bpy.types.Context) -> set[str]:
        number, _ = active_versions(context)
        if number == 1:
            self.report({"INFO"}, "This is the first version")
            return {"CANCELLED"}
        return self.show(number - 1)


class TEXT3D_OT_next_version(VersionOperator, bpy.types.Operator):
    """Show the next version of the active object"""

    bl_idname = "text3d.next_version"
    bl_label = "Next Version"

    def execute(self, context: bpy.types.Context) -> set[str]:
        number, count = active_versions(context)
        if number == count:
            self.report({"INFO"}, "This is the last version")
            return {"CANCELLED"}
        return self.show(number + 1)


class TEXT3D_OT_set_version(VersionOperator, bpy.types.Operator):
    """Show a version of the active object"""

    bl_idname = "text3d.set_version"
    bl_label = "Set Version"

    number: bpy.props.IntProperty(
        name="Version", description="Number of the version, 1 for the oldest", default=1, min=1
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self.show(self.number)


class TEXT3D_OT_delete_version(VersionOperator, bpy.types.Operator):
    """Delete the version that is shown, and show the one before it"""

    bl_idname = "text3d.delete_version"
    bl_label = "Delete Version"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.versions import delete_version

        return self.change(delete_version)


class TEXT3D_OT_keep_version(VersionOperator, bpy.types.Operator):
    """Delete all versions but the one that is shown"""

    bl_idname = "text3d.keep_version"
    bl_label = "Keep Only This Version"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.versions import keep_active_version

        return self.change(keep_active_version)


class TEXT3D_OT_versions_to_objects(VersionOperator, bpy.types.Operator):
    """Convert the other versions to separate objects next to the active one"""

    bl_idname = "text3d.versions_to_objects"
    bl_label = "Versions to Objects"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.version_objects import versions_to_objects

        return self.change(versions_to_objects)


CLASSES = (
    TEXT3D_OT_previous_version,
    TEXT3D_OT_next_version,
    TEXT3D_OT_set_version,
    TEXT3D_OT_delete_version,
    TEXT3D_OT_keep_version,
    TEXT3D_OT_versions_to_objects,
)
