# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences as plain values, with every default filled in."""

import os
from pathlib import Path

import bpy

from ...environment import paths
from ...system import user_folders
from ...system.lazy_dataclass import lazy_dataclass

ADDON = __package__.rpartition(".addon.")[0]
PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"


@lazy_dataclass(frozen=True)
class Choices:
    """The preferences with every default filled in.

    Attributes:
        jobs_dir: Parent of the job folders.
        env_dir: The worker environment that Set Up creates.
        own_python: The Python that the user chose instead, or None.
        base_python: The Python that Set Up builds on; "" for an automatic choice.
        torch: PyTorch build for Set Up.
        torch_index: Package index of the build "own".
        live_view_address: Address of a running Rerun viewer; "" to open one.
        starts_early: True to start the worker when the sidebar is first shown.
        is_moved: True if the data folder is set in these preferences.
        remote_host: Another machine that generates, as for ssh; "" for this one.
        remote_port: Port of its SSH server; 0 for the default.
        remote_python: Command that starts Python there; "" for the environment of Setup there.
        is_online: True if Blender allows online access.
    """

    jobs_dir: Path
    env_dir: Path
    own_python: Path | None
    base_python: str
    torch: str
    torch_index: str
    live_view_address: str
    is_moved: bool = False
    starts_early: bool = True
    remote_host: str = ""
    remote_port: int = 0
    remote_python: str = ""
    is_online: bool = True

    @property
    def relay(self) -> tuple[str, ...]:
        """Command line of the relay to the other machine; empty for this one."""
        if not self.remote_host:
            return ()
        from ...remote.host import RemoteHost

        return tuple(RemoteHost(self.remote_host, self.remote_port, self.remote_python).arguments())

    @property
    def python(self) -> Path:
        """The Python that runs the worker."""
        return self.own_python or paths.worker_python(self.env_dir)


def choices() -> Choices:
    """Return the preferences, or their defaults if Blender has none, as when a script registered the add-on."""
    entry = bpy.context.preferences.addons.get(ADDON)
    stored = entry.preferences if entry else None
    data_dir = absolute(getattr(stored, "data_folder", "")) or user_folders.data_dir()
    override = getattr(stored, "worker_python", "") or os.environ.get(PYTHON_VARIABLE, "")
    return Choices(
        jobs_dir=data_dir / paths.default_jobs_dir().name,
        env_dir=data_dir / paths.worker_env_dir().name,
        own_python=absolute(override),
        base_python=str(absolute(getattr(stored, "base_python", "")) or ""),
        torch=getattr(stored, "torch", "auto"),
        torch_index=getattr(stored, "torch_index", "").strip(),
        live_view_address=getattr(stored, "live_view_address", "").strip(),
        is_moved=bool(getattr(stored, "data_folder", "").strip()),
        starts_early=bool(getattr(stored, "starts_early", True)),
        remote_host=getattr(stored, "remote_host", "").strip(),
        remote_port=getattr(stored, "remote_port", 0),
        remote_python=getattr(stored, "remote_python", "").strip(),
        is_online=bpy.app.online_access,
    )


def absolute(typed: str) -> Path | None:
    """Return a typed path as an absolute one. Symlinks stay: a virtual environment's Python is one."""
    return Path(os.path.abspath(bpy.path.abspath(os.path.expanduser(typed)))) if typed.strip() else None
