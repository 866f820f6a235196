# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's page in Blender's preferences."""

import bpy

from ...environment.installers.torch_build import BUILDS
from ..settings.choices import ADDON
from .environment import draw_preferences


class TEXT3D_AddonPreferences(bpy.types.AddonPreferences):
    """Folders, Pythons and the live view, then the setup panel."""

    bl_idname = ADDON

    data_folder: bpy.props.StringProperty(
        name="Data Folder",
        subtype="DIR_PATH",
        description="Where jobs, models and the worker's environment are kept; after Set Up, for all Blenders and "
        "terminals of this user. Empty: where they are now",
    )
    worker_python: bpy.props.StringProperty(
        name="Worker Python",
        subtype="FILE_PATH",
        description="A Python that has the worker's packages. Empty: the environment that Set Up makes",
    )
    torch: bpy.props.EnumProperty(
        name="PyTorch", items=BUILDS, default="auto", description="Which build Set Up installs"
    )
    torch_index: bpy.props.StringProperty(
        name="PyTorch's Index",
        description="Address of a package index, or a folder of wheels, that has PyTorch",
    )
    base_python: bpy.props.StringProperty(
        name="Python for Set Up",
        subtype="FILE_PATH",
        description="The Python that Set Up makes an environment from; it is not changed. "
        "Empty: Blender's own where it serves, else one that is found",
    )
    live_view_address: bpy.props.StringProperty(
        name="Live View",
        description="Address of a Rerun viewer, rerun+http://host:port/proxy. Empty: one is opened on this machine",
    )

    def draw(self, context: bpy.types.Context) -> None:
        draw_preferences(self.layout, self)
