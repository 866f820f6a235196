# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a package, one for each state that it was in; those that nobody has used for long are removed."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..system.files import replace_with_retry

BYTECODE = "__pycache__"
CHANGES_FOR_S = 20.0
RETRY_EVERY_S = 0.2
KEPT = 3
KEPT_FOR_S = 24 * 3600.0


class ChangedDuringCopy(OSError):
    """Another version of the package is being put in its place."""


def ensure_copy(package: Path, folder: Path) -> Path:
    """The folder that holds a copy of a package as it is now; made where there is none.

    While another version of the package is put in its place this waits until that has been done.

    Args:
        package: A Python package's folder.
        folder: Where copies lie, each in a folder of its own; made where it is missing.

    Returns:
        A folder to import the package from, under its own name.

    Raises:
        OSError: A copy can be neither found nor made.
    """
    give_up = time.monotonic() + CHANGES_FOR_S
    while True:
        state = _state(package)
        try:
            return _copy_of_state(package, folder, state)
        except OSError:
            time.sleep(RETRY_EVERY_S)
            if time.monotonic() > give_up or None is not state == _state(package):
                raise


def _copy_of_state(package: Path, folder: Path, state: str | None) -> Path:
    if state is None:
        raise ChangedDuringCopy(f"{package} is not there, or not whole")
    parent = folder / state
    if _sizes(parent / package.name) != _sizes(package):  # none yet, or something was taken out of it
        _make(package, parent)
    os.utime(parent)
    return parent


def _make(package: Path, parent: Path) -> None:
    parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent.parent, prefix=".", ignore_cleanup_errors=True) as scratch:
        made = Path(scratch) / parent.name
        shutil.copytree(package, made / package.name, ignore=shutil.ignore_patterns(BYTECODE))
        if _state(package) != parent.name:
            raise ChangedDuringCopy(f"{package} has changed")
        _put(made, parent, package.name)
    with suppress(OSError):  # another worker removes them as well
        _remove_old(parent)


def _put(made: Path, parent: Path, name: str) -> None:
    """Put a copy in its place; where another worker was faster its copy stays, unless that is not whole."""
    try:
        replace_with_retry(made, parent, os.rename)
    except OSError:
        if not parent.is_dir():
            raise
        if _sizes(parent / name) != _sizes(made / name):
            shutil.rmtree(parent, ignore_errors=True)
            replace_with_retry(made, parent, os.rename)


def _remove_old(newest: Path) -> None:
    """All but the newest few, and but those of the last day, from which a worker may still run."""
    ages = sorted((time.time() - path.stat().st_mtime, path) for path in newest.parent.iterdir() if path != newest)
    for age_s, path in ages[KEPT - 1 :]:
        if age_s > KEPT_FOR_S:
            shutil.rmtree(path, ignore_errors=True)


def _state(package: Path) -> str | None:
    """A name for all files as they are, their times included; None where there are none, or while they vanish."""
    try:
        lines = [f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n" for name, found in _files(package)]
    except OSError:
        return None
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:8] if lines else None


def _sizes(package: Path) -> list[tuple[str, int]]:
    return [(name, found.st_size) for name, found in _files(package)]


def _files(package: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file but bytecode, in an order that does not depend on the disk."""
    for path, folders, names in os.walk(package):
        folders[:] = sorted(set(folders) - {BYTECODE})
        for name in sorted(names):
            file = os.path.join(path, name)
            yield os.path.relpath(file, package), os.stat(file)
