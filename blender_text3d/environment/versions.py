# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders of virtual environments below an environment's own: one in use, at times one that is being made."""

import os
import shutil
import subprocess
from pathlib import Path

from .manifest import FILE_NAME, Manifest
from .paths import python_in

CACHE = "uv-cache"
KEPT = {FILE_NAME, "uv", CACHE}
# Of an environment that lies in the folder itself, as the first versions of the add-on made it.
OF_AN_ENVIRONMENT = {"bin", "include", "lib", "lib64", "scripts", "share", "etc", "pyvenv.cfg", ".gitignore"}
PROGRAMS = Path("/proc")


def new_folder(env_dir: Path, mark: Manifest | None) -> str:
    """A name that nothing has yet. Short, for Windows' sake."""
    taken = {mark.folder} if mark else set()
    return next(name for name in map(str, range(1, 10_000)) if name not in taken and not (env_dir / name).exists())


def remove_others(env_dir: Path, folder: str) -> None:
    """Remove all environments but one; what a program still uses is left for the next time, and what is not ours.

    Args:
        env_dir: The environments' folder, which is ours.
        folder: The one that stays; "" where none does.
    """
    old_root = python_in(env_dir)
    if old_root.exists() and folder and _is_used(old_root):
        return
    for path in env_dir.iterdir():
        if path.name in KEPT or path.name == folder or not is_ours(path) or _is_used(python_in(path)):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def is_ours(path: Path) -> bool:
    """Whether something in the environments' folder is by its name of the kind that we put there."""
    name = path.name
    is_environment = name.isdecimal() or name.lower() in OF_AN_ENVIRONMENT
    return is_environment or name in KEPT or name.startswith(Path(FILE_NAME).stem)


def is_used(env_dir: Path) -> bool:
    """Whether a program runs in any environment of a folder, as far as can be seen."""
    return any(_is_used(python_in(folder)) for folder in (env_dir, *env_dir.iterdir()))


def remove_cache(env_dir: Path) -> None:
    """Remove what the installer downloaded; one that was stopped goes on from it, so it stays until all is done."""
    shutil.rmtree(env_dir / CACHE, ignore_errors=True)


def disk_bytes(folder: Path) -> int:
    """The sizes of all files below a folder. Links by name count as nothing, files of several names once."""
    total = 0
    known = set()
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                found = os.lstat(os.path.join(path, name))
            except OSError:  # gone meanwhile
                continue
            number = (found.st_dev, found.st_ino)
            if found.st_nlink == 1 or number not in known:
                total += found.st_size
            if found.st_nlink > 1:
                known.add(number)
    return total


def _is_used(python: Path) -> bool:
    """Whether a program runs in this environment, as far as can be seen."""
    if not python.exists():
        return False
    if os.name == "nt":  # a program that runs cannot be written
        try:
            with python.open("r+b"):
                return False
        except OSError:
            return True
    return any(line.startswith(str(python)) for line in _command_lines())


def _command_lines() -> list[str]:
    """Of all programs: from Linux's folder of them, as small systems lack `ps`, else from that."""
    if (PROGRAMS / "self/cmdline").exists():
        paths = PROGRAMS.glob("[0-9]*/cmdline")
        return [line.replace(b"\0", b" ").decode("utf-8", "replace") for line in map(_bytes, paths)]
    try:
        said = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, errors="replace")
    except OSError:
        return []
    return said.stdout.splitlines()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""
