# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the disks: free space, a writable jobs folder, and the type of its disk."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...environment.check import find_problems
from ...environment.requirements import WORKER
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding

NEEDED_GB = 1.0
MEMORY_TYPES = {"tmpfs", "ramfs"}
NETWORK_TYPES = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "fuse.sshfs", "9p", "ceph", "glusterfs", "webdav"}
SYNCHRONIZED = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "mobile documents", "nextcloud")
REMOTE_ON_WINDOWS = 4


def free_space(context: Context, needed_gb: float | None = None) -> Iterator[Finding]:
    """Check the free space of the data folder's disk, for jobs and for the environment if it is missing."""
    if needed_gb is None:
        is_missing = not context.own_python and bool(find_problems(context.env_dir))
        needed_gb = WORKER.needed_gb if is_missing else NEEDED_GB
    free_gb = shutil.disk_usage(nearest_existing(context.data_dir)).free / 1e9
    state = GOOD if free_gb >= needed_gb else BAD
    fix = "Free some space, or choose another data folder in the preferences."
    found = f"{free_gb:.1f} GB free for {context.data_dir}"
    yield Finding("disk", "Disk", state, found, f"{needed_gb:.0f} GB", fix, "jobs")


def nearest_existing(path: Path) -> Path:
    """Return the path, or its nearest parent that exists."""
    return next(folder for folder in (path, *path.parents) if os.path.exists(folder))


def jobs_folder(context: Context) -> Iterator[Finding]:
    """Check that a folder can be created in the jobs folder or its nearest parent, and a file written and renamed."""
    what, wanted = "Jobs folder", "a writable folder"
    try:
        with tempfile.TemporaryDirectory(dir=nearest_existing(context.jobs_dir), prefix=".doctor-") as folder:
            _write_and_rename(Path(folder))
    except OSError as error:
        fix = "Choose another data folder in the preferences."
        found = f"{context.jobs_dir} cannot be written ({error.strerror or error})"
        yield Finding("jobs", what, BAD, found, wanted, fix, "preferences")
    else:
        yield Finding("jobs", what, GOOD, f"{context.jobs_dir} can be written", wanted)


def _write_and_rename(folder: Path) -> None:
    with (folder / "temporary").open("wb") as file:
        file.write(bytes(2**16))
        file.flush()
        os.fsync(file.fileno())
    os.replace(folder / "temporary", folder / "file")


def real_disk(context: Context, mounts: str | None = None) -> Iterator[Finding]:
    """Check that the jobs folder is on a disk of this machine.

    Args:
        context: The context of the check.
        mounts: Mounted file systems as in /proc/mounts; None to read them from the system.
    """
    what, wanted = "Jobs folder's disk", "a disk of this machine"
    path = Path(os.path.realpath(context.jobs_dir))
    fs_type = file_system_type(path, read_mounts() if mounts is None else mounts)
    service = next((name for name in SYNCHRONIZED for part in path.parts if part.lower().startswith(name)), "")
    fix = "Choose a data folder on a disk of this machine in the preferences."
    if fs_type in MEMORY_TYPES:
        found = f"in memory ({fs_type}): jobs are lost when the machine stops"
    elif fs_type in NETWORK_TYPES:
        found = f"over a network ({fs_type}): slow, and locks may not hold"
    elif service:
        found = f"in a folder that {service} synchronizes: files may be locked while they are written"
    else:
        yield Finding("real_disk", what, GOOD, fs_type or "seems local", wanted)
        return
    yield Finding("real_disk", what, WARN, found, wanted, fix, "preferences")


def file_system_type(path: Path, mounts: str) -> str:
    """Return the type of the file system of a path, or "" if unknown."""
    if sys.platform == "win32":
        import ctypes

        return "smb3" if ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == REMOTE_ON_WINDOWS else ""
    lines = [line.split() for line in mounts.splitlines()]
    mounted = {Path(line[1].replace(r"\040", " ")): line[2] for line in lines if len(line) > 2}
    return mounted.get(next((folder for folder in (path, *path.parents) if folder in mounted), Path()), "")


def read_mounts() -> str:
    """Return the mounted file systems, one per line: device, mount point, type."""
    if sys.platform == "darwin":
        output = subprocess.run(["/sbin/mount"], capture_output=True, text=True, errors="replace", timeout=30).stdout
        return output.replace(" on ", " ").replace("(", "").replace(",", " ")
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
