# SPDX-License-Identifier: GPL-3.0-or-later
"""The place of all panels, which are hidden before Set Up."""

import bpy

from ..state.problem import is_set_up


class SidebarPanel:
    """The Text3D tab of the 3D viewport's sidebar. A subclass that polls for more calls this poll too."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Text3D"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_set_up()
