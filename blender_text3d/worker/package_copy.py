# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a package, one for each version of its files; old copies are removed."""

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
MAX_WAIT_S = 20.0
RETRY_EVERY_S = 0.2
MAX_COPIES = 3
MIN_AGE_S = 24 * 3600.0
"""The age from which a copy may be removed; a worker may still run from a newer one."""


class ChangedDuringCopy(OSError):
    """The package is being replaced by another version."""


def ensure_copy(package: Path, folder: Path) -> Path:
    """Return the folder of a copy of a package as it is now; the copy is created if it is missing.

    While the package is being replaced by another version, this waits for the new one.

    Args:
        package: The folder of a Python package.
        folder: The folder of all copies, each in a subfolder; created if missing.

    Returns:
        A folder from which the package can be imported under its own name.

    Raises:
        OSError: There is no copy and none can be created.
    """
    give_up = time.monotonic() + MAX_WAIT_S
    while True:
        fingerprint = _fingerprint(package)
        try:
            return _copy_of_version(package, folder, fingerprint)
        except OSError:
            time.sleep(RETRY_EVERY_S)
            is_unchanged = fingerprint is not None and fingerprint == _fingerprint(package)
            if is_unchanged or time.monotonic() > give_up:
                raise


def _copy_of_version(package: Path, folder: Path, fingerprint: str | None) -> Path:
    if fingerprint is None:
        raise ChangedDuringCopy(f"{package} is missing or incomplete")
    parent = folder / fingerprint
    if _sizes(parent / package.name) != _sizes(package):  # missing, or files were removed from it
        _create(package, parent)
    os.utime(parent)
    return parent


def _create(package: Path, parent: Path) -> None:
    parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent.parent, prefix=".", ignore_cleanup_errors=True) as scratch:
        copy = Path(scratch) / parent.name
        shutil.copytree(package, copy / package.name, ignore=shutil.ignore_patterns(BYTECODE))
        if _fingerprint(package) != parent.name:
            raise ChangedDuringCopy(f"{package} has changed")
        _move_into_place(copy, parent, package.name)
    with suppress(OSError):  # another worker may be removing them too
        _remove_old(parent)


def _move_into_place(copy: Path, parent: Path, name: str) -> None:
    """Move a copy to its folder; if another worker was faster, its copy is kept unless it is incomplete."""
    try:
        replace_with_retry(copy, parent, os.rename)
    except OSError:
        if not parent.is_dir():
            raise
        if _sizes(parent / name) != _sizes(copy / name):
            shutil.rmtree(parent, ignore_errors=True)
            replace_with_retry(copy, parent, os.rename)


def _remove_old(newest: Path) -> None:
    """Remove all copies but the newest few and those that are too young."""
    ages = sorted((time.time() - path.stat().st_mtime, path) for path in newest.parent.iterdir() if path != newest)
    for age_s, path in ages[MAX_COPIES - 1 :]:
        if age_s > MIN_AGE_S:
            shutil.rmtree(path, ignore_errors=True)


def _fingerprint(package: Path) -> str | None:
    """Return a hash of all file names, sizes and times; None if there are no files, or while they disappear."""
    try:
        lines = [f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n" for name, found in _files(package)]
    except OSError:
        return None
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:8] if lines else None


def _sizes(package: Path) -> list[tuple[str, int]]:
    return [(name, found.st_size) for name, found in _files(package)]


def _files(package: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every file except bytecode, in an order that does not depend on the file system."""
    for path, folders, names in os.walk(package):
        folders[:] = sorted(set(folders) - {BYTECODE})
        for name in sorted(names):
            file = os.path.join(path, name)
            yield os.path.relpath(file, package), os.stat(file)
