# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's clock, and Windows' limit on the length of paths."""

import os
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


def clock(case: Context, now_s: float | None = None) -> Iterator[Finding]:
    """Whether the clock is later than our own files, and that of the jobs folder's disk agrees with it.

    Downloads are refused where the clock is wrong by much: certificates seem not valid yet.
    """
    what, wanted = "Clock", "the right time"
    now_s = time.time() if now_s is None else now_s
    ours_s = (PACKAGE / "__init__.py").stat().st_mtime
    apart_s = abs(written_at(nearest_existing(case.jobs_dir)) - time.time())
    if now_s < ours_s - DAY_S:
        days = (ours_s - now_s) / DAY_S
        fix = "Set the clock: certificates seem invalid to a wrong one, and no download works."
        yield Finding("clock", what, BAD, f"{days:.0f} days before the add-on was installed", wanted, fix)
    elif apart_s > MAX_CLOCK_SKEW_S:
        fix = "Choose a data folder on a disk of this machine, or set the server's clock."
        yield Finding("clock", what, WARN, f"the jobs folder's disk is {apart_s:.0f} s off", wanted, fix, "preferences")
    else:
        yield Finding("clock", what, GOOD, "plausible", wanted)


def written_at(folder: Path) -> float:
    """What time a file gets that is written into a folder now; this machine's own where none can be written."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            return os.stat(file.name).st_mtime
    except OSError:
        return time.time()


def long_paths(case: Context, is_windows: bool | None = None, has_long_paths: bool | None = None) -> Iterator[Finding]:
    """Whether the environment's files would have paths that are too long for Windows; nothing elsewhere."""
    if not (os.name == "nt" if is_windows is None else is_windows):
        return
    what, wanted = "Length of paths", f"at most {MAX_PATH_LENGTH_ON_WINDOWS} characters, or long paths enabled"
    allowed = windows_has_long_paths() if has_long_paths is None else has_long_paths
    length = len(str(case.env_dir))
    is_fine = length <= MAX_PATH_LENGTH_ON_WINDOWS or allowed
    fix = "Choose a shorter data folder, such as C:\\text3d, or enable long paths in Windows."
    found = f"{length} characters" + (", long paths are enabled" if allowed else "")
    yield Finding("long_paths", what, GOOD if is_fine else BAD, found, wanted, fix, "preferences")


def windows_has_long_paths() -> bool:
    """What Windows' registry says; False where it says nothing."""
    try:
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except (ImportError, OSError):
        return False
