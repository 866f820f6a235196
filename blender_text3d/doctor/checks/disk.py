# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks: room, a jobs folder that can be written, and whether it lies on a disk at all."""

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
IN_MEMORY = {"tmpfs", "ramfs"}
OVER_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "fuse.sshfs", "9p", "ceph", "glusterfs", "webdav"}
SYNCHRONISED = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "mobile documents", "nextcloud")
REMOTE_ON_WINDOWS = 4


def free_space(case: Context, needed_gb: float | None = None) -> Iterator[Finding]:
    """Whether the data folder's disk has room for the environment where it is missing, and for jobs."""
    if needed_gb is None:
        is_missing = not case.own_python and bool(find_problems(case.env_dir))
        needed_gb = WORKER.needed_gb if is_missing else NEEDED_GB
    free_gb = shutil.disk_usage(nearest_existing(case.data_dir)).free / 1e9
    state = GOOD if free_gb >= needed_gb else BAD
    fix = "Free some space, or choose another data folder in the preferences."
    found = f"{free_gb:.1f} GB free for {case.data_dir}"
    yield Finding("disk", "Disk", state, found, f"{needed_gb:.0f} GB", fix, "jobs")


def nearest_existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(folder for folder in (path, *path.parents) if os.path.exists(folder))


def jobs_folder(case: Context) -> Iterator[Finding]:
    """Whether a job could be written: a folder made, there or where it would be, a file written whole and renamed."""
    what, wanted = "Jobs folder", "a folder that can be written"
    try:
        with tempfile.TemporaryDirectory(dir=nearest_existing(case.jobs_dir), prefix=".doctor-") as folder:
            _write_and_rename(Path(folder))
    except OSError as error:
        fix = "Choose another data folder in the preferences."
        found = f"{case.jobs_dir} cannot be written ({error.strerror or error})"
        yield Finding("jobs", what, BAD, found, wanted, fix, "preferences")
    else:
        yield Finding("jobs", what, GOOD, f"{case.jobs_dir} can be written", wanted)


def _write_and_rename(folder: Path) -> None:
    with (folder / "new").open("wb") as file:
        file.write(bytes(2**16))
        file.flush()
        os.fsync(file.fileno())
    os.replace(folder / "new", folder / "whole")


def real_disk(case: Context, mounts: str | None = None) -> Iterator[Finding]:
    """Whether the jobs folder lies on a disk of this machine.

    Args:
        case: Whose jobs folder.
        mounts: What is mounted where, as /proc/mounts says it; None asks the system.
    """
    what, wanted = "Jobs folder's disk", "a disk of this machine"
    place = Path(os.path.realpath(case.jobs_dir))
    kind = file_system_type(place, read_mounts() if mounts is None else mounts)
    service = next((name for name in SYNCHRONISED for part in place.parts if part.lower().startswith(name)), "")
    fix = "Choose a data folder on a disk of this machine in the preferences."
    if kind in IN_MEMORY:
        found = f"in memory ({kind}): jobs are lost when the machine stops"
    elif kind in OVER_NETWORK:
        found = f"over a network ({kind}): slow, and locks may not hold"
    elif service:
        found = f"in a folder that {service} copies elsewhere: files may be locked while they are written"
    else:
        yield Finding("real_disk", what, GOOD, kind or "looks local", wanted)
        return
    yield Finding("real_disk", what, WARN, found, wanted, fix, "preferences")


def file_system_type(place: Path, mounts: str) -> str:
    """The file system's name for a path; "" where it is not known."""
    if os.name == "nt":
        import ctypes

        return "smb3" if ctypes.windll.kernel32.GetDriveTypeW(place.anchor) == REMOTE_ON_WINDOWS else ""
    lines = [line.split() for line in mounts.splitlines()]
    mounted = {Path(line[1].replace(r"\040", " ")): line[2] for line in lines if len(line) > 2}
    return mounted.get(next((folder for folder in (place, *place.parents) if folder in mounted), Path()), "")


def read_mounts() -> str:
    """What is mounted, a line each: what, where, kind."""
    if sys.platform == "darwin":
        said = subprocess.run(["/sbin/mount"], capture_output=True, text=True, errors="replace", timeout=30).stdout
        return said.replace(" on ", " ").replace("(", "").replace(",", " ")
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
