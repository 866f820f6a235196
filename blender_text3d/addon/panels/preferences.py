# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's page in Blender's preferences."""

import bpy

from ...environment.installers.torch_build import BUILDS
from ..settings.asset_choices import LICENSE_ITEMS
from ..settings.choices import ADDON
from .environment import draw_preferences


class TEXT3D_AddonPreferences(bpy.types.AddonPreferences):
    """Folders, Pythons and the live view, then the setup panel."""

    bl_idname = ADDON

    data_folder: bpy.props.StringProperty(
        name="Data Folder",
        subtype="DIR_PATH",
        description="Folder for jobs, models and the Python environment. After setup it is used by all Blender "
        "versions and terminals of this user. Empty: the current folder",
    )
    worker_python: bpy.props.StringProperty(
        name="Python Override",
        subtype="FILE_PATH",
        description="Python interpreter that has the required packages, used instead of the environment of Setup",
    )
    torch: bpy.props.EnumProperty(name="PyTorch", items=BUILDS, default="auto", description="PyTorch build to install")
    torch_index: bpy.props.StringProperty(
        name="PyTorch Index",
        description="URL of a package index, or a folder of wheels, that provides PyTorch",
    )
    base_python: bpy.props.StringProperty(
        name="Base Python",
        subtype="FILE_PATH",
        description="Python interpreter to create the environment from. It is not changed. "
        "Empty: Blender's own if it is suitable, otherwise one found on this machine",
    )
    live_view_address: bpy.props.StringProperty(
        name="Live View",
        description="Address of a Rerun viewer, rerun+http://host:port/proxy. Empty: a local viewer is opened",
    )
    starts_early: bpy.props.BoolProperty(
        name="Start Background Process Early",
        description="Start the process that generates, and load the small model, when the sidebar is first shown. "
        "The first object then appears sooner. The process uses about 400 MB of memory until it has been idle "
        "for 15 minutes",
        default=True,
    )

    remote_host: bpy.props.StringProperty(
        name="Host",
        description="Another machine that generates, reached by SSH: host, user@host or an alias of ~/.ssh/config. "
        "Empty: this machine",
    )
    remote_port: bpy.props.IntProperty(
        name="Port", description="Port of its SSH server. 0: that of ~/.ssh/config, or 22", min=0, max=65535
    )
    remote_python: bpy.props.StringProperty(
        name="Python Command",
        description="Command that starts a Python with the required packages there. Empty: the environment of Setup",
    )

    asset_folder: bpy.props.StringProperty(
        name="Asset Library Folder",
        subtype="DIR_PATH",
        description="Folder of your own for assets, with a file for each. Empty: assets are kept in the open file only",
    )
    asset_author: bpy.props.StringProperty(name="Asset Author", description="Author of the assets that you keep")
    asset_license: bpy.props.EnumProperty(
        name="Asset License", description="License of the assets that you keep", items=LICENSE_ITEMS
    )
    asset_license_text: bpy.props.StringProperty(name="Custom License", description="Name or text of the license")

    def draw(self, context: bpy.types.Context) -> None:
        draw_preferences(self.layout, self)
