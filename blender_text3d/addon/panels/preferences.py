# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for all files: where things lie, which Python works, where the live view is."""

import os
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...environment import paths
from ...environment.installers.torch_build import BUILDS

ADDON = __package__.rpartition(".")[0]
PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"


@dataclass(frozen=True)
class Choices:
    """The preferences with every default filled in.

    Attributes:
        jobs_dir: Where job folders are made.
        env_dir: The worker's environment that Set Up makes.
        own_python: A Python that the user names in its place, or None.
        base_python: The Python that Set Up builds on; "" lets it choose.
        torch: Build of PyTorch for Set Up.
        torch_index: Where the build "own" comes from.
        live_view_address: Where a Rerun viewer listens; "" opens one.
        is_moved: Whether the data folder was chosen here.
    """

    jobs_dir: Path
    env_dir: Path
    own_python: Path | None
    base_python: str
    torch: str
    torch_index: str
    live_view_address: str
    is_moved: bool = False

    @property
    def python(self) -> Path:
        """The Python that the worker runs in."""
        return self.own_python or paths.worker_python(self.env_dir)


class TEXT3D_AddonPreferences(bpy.types.AddonPreferences):
    """The add-on's page in Blender's preferences."""

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
        from .environment import draw_preferences

        draw_preferences(self.layout, self)


def choices() -> Choices:
    """The preferences; their defaults where Blender holds none, as when a script registered the add-on."""
    entry = bpy.context.preferences.addons.get(ADDON)
    chosen = entry.preferences if entry else None
    data_dir = absolute(getattr(chosen, "data_folder", "")) or paths.data_dir()
    named = getattr(chosen, "worker_python", "") or os.environ.get(PYTHON_VARIABLE, "")
    return Choices(
        jobs_dir=data_dir / paths.default_jobs_dir().name,
        env_dir=data_dir / paths.worker_env_dir().name,
        own_python=absolute(named),
        base_python=str(absolute(getattr(chosen, "base_python", "")) or ""),
        torch=getattr(chosen, "torch", "auto"),
        torch_index=getattr(chosen, "torch_index", "").strip(),
        live_view_address=getattr(chosen, "live_view_address", "").strip(),
        is_moved=bool(getattr(chosen, "data_folder", "").strip()),
    )


def absolute(typed: str) -> Path | None:
    """What the user typed as a path. Links stay: a virtual environment's Python is one."""
    return Path(os.path.abspath(bpy.path.abspath(os.path.expanduser(typed)))) if typed.strip() else None
