# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of an environment: one subfolder with a virtual environment each, of which one is in use."""

import os
import shutil
import subprocess
from pathlib import Path

from .manifest import FILE_NAME
from .paths import venv_python

CACHE = "uv-cache"
KEPT = {FILE_NAME, "uv", CACHE}
# Contents of a virtual environment in the folder itself, as the first versions of the add-on created it.
VENV_ENTRIES = {"bin", "include", "lib", "lib64", "scripts", "share", "etc", "pyvenv.cfg", ".gitignore"}
PROC = Path("/proc")


def unused_folder_name(env_dir: Path) -> str:
    """Return an unused name for a version's folder; short, because of the path limit on Windows."""
    return next(name for name in map(str, range(1, 10_000)) if not (env_dir / name).exists())


def remove_other_versions(env_dir: Path, folder: str) -> None:
    """Remove all versions except one. Versions that a program still uses are left for the next call.

    Args:
        env_dir: The environment's folder.
        folder: Name of the version to keep; "" for none.
    """
    python = venv_python(env_dir)
    if python.exists() and folder and _is_running(python):
        return
    for path in env_dir.iterdir():
        is_kept = path.name in KEPT or path.name == folder
        if is_kept or not is_environment_entry(path) or _is_running(venv_python(path)):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def is_environment_entry(path: Path) -> bool:
    """True if the name of a file or folder in an environment's folder is one that the add-on uses."""
    name = path.name
    is_venv = name.isdecimal() or name.lower() in VENV_ENTRIES
    return is_venv or name in KEPT or name.startswith(Path(FILE_NAME).stem)


def is_in_use(env_dir: Path) -> bool:
    """True if a program is known to run in any version of an environment."""
    return any(_is_running(venv_python(folder)) for folder in (env_dir, *env_dir.iterdir()))


def remove_cache(env_dir: Path) -> None:
    """Remove uv's downloads, which are kept until an environment is ready so that a stopped setup can continue."""
    shutil.rmtree(env_dir / CACHE, ignore_errors=True)


def disk_bytes(folder: Path) -> int:
    """Return the size of all files in a folder; symbolic links count nothing, and files with several names once."""
    total = 0
    seen = set()
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.lstat(os.path.join(path, name))
            except OSError:  # removed in the meantime
                continue
            file_id = (status.st_dev, status.st_ino)
            if file_id not in seen:
                total += status.st_size
            if status.st_nlink > 1:
                seen.add(file_id)
    return total


def _is_running(python: Path) -> bool:
    """True if a program is known to run with this Python."""
    if not python.exists():
        return False
    if os.name == "nt":  # a running program cannot be opened for writing
        try:
            with python.open("r+b"):
                return False
        except OSError:
            return True
    return any(line.startswith(str(python)) for line in _command_lines())


def _command_lines() -> list[str]:
    """Return the command lines of all processes, from /proc if possible, because small systems have no `ps`."""
    if (PROC / "self/cmdline").exists():
        paths = PROC.glob("[0-9]*/cmdline")
        return [line.replace(b"\0", b" ").decode("utf-8", "replace") for line in map(_read_bytes, paths)]
    try:
        result = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, errors="replace")
    except OSError:
        return []
    return result.stdout.splitlines()


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has exited
        return b""
