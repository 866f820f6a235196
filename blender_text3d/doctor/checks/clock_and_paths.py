# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the machine's clock, and the path length limit of Windows."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ...environment.target_folder import MAX_PATH_LENGTH_ON_WINDOWS
from ...system.child import PACKAGE
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding
from .disk import nearest_existing

DAY_S = 86_400
MAX_CLOCK_SKEW_S = 10.0


def clock(context: Context, now_s: float | None = None) -> Iterator[Finding]:
    """Check that the clock is later than the add-on's files, and agrees with that of the jobs folder's disk.

    With a wrong clock, downloads fail because certificates seem not valid yet.
    """
    what, wanted = "Clock", "the correct time"
    now_s = time.time() if now_s is None else now_s
    installed_s = (PACKAGE / "__init__.py").stat().st_mtime
    skew_s = abs(write_time(nearest_existing(context.jobs_dir)) - time.time())
    if now_s < installed_s - DAY_S:
        days = (installed_s - now_s) / DAY_S
        fix = "Set the clock: with a wrong one, certificates seem invalid and downloads fail."
        yield Finding("clock", what, BAD, f"{days:.0f} days before the add-on was installed", wanted, fix)
    elif skew_s > MAX_CLOCK_SKEW_S:
        fix = "Choose a data folder on a disk of this machine, or set the server's clock."
        yield Finding("clock", what, WARN, f"the jobs folder's disk is {skew_s:.0f} s off", wanted, fix, "preferences")
    else:
        yield Finding("clock", what, GOOD, "plausible", wanted)


def write_time(folder: Path) -> float:
    """Return the time of a file written into a folder now, or this machine's time if it is not writable."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            return os.stat(file.name).st_mtime
    except OSError:
        return time.time()


def long_paths(
    context: Context, is_windows: bool | None = None, has_long_paths: bool | None = None
) -> Iterator[Finding]:
    """Check that the environment's paths are not too long for Windows; nothing on other systems."""
    if not (os.name == "nt" if is_windows is None else is_windows):
        return
    what, wanted = "Path length", f"at most {MAX_PATH_LENGTH_ON_WINDOWS} characters, or long paths enabled"
    allowed = windows_has_long_paths() if has_long_paths is None else has_long_paths
    length = len(str(context.env_dir))
    is_fine = length <= MAX_PATH_LENGTH_ON_WINDOWS or allowed
    fix = "Choose a shorter data folder, such as C:\\text3d, or enable long paths in Windows."
    found = f"{length} characters" + (", long paths are enabled" if allowed else "")
    yield Finding("long_paths", what, GOOD if is_fine else BAD, found, wanted, fix, "preferences")


def windows_has_long_paths() -> bool:
    """True if long paths are enabled in the registry of Windows."""
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False
