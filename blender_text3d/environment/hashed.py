# SPDX-License-Identifier: GPL-3.0-or-later
"""The requirements files with exact versions and hashes: of the packages, of each build of PyTorch, of the installer.

None names an index. scripts/release/lock_requirements.py makes them, for every system and Python at once.
"""

from pathlib import Path

FOLDER = Path(__file__).with_name("hashed")
UV = FOLDER / "uv.txt"
# What a build needs beside the other packages, all of which the public index has; on Linux alone.
NEEDS = {"default": "needs_cuda13.txt", "cu130": "needs_cuda13.txt", "cu126": "needs_cuda12.txt"}


def packages_file(folder: Path) -> Path:
    """All but PyTorch and what only it needs."""
    return folder / "worker.txt"


def torch_file(folder: Path, build: str) -> Path | None:
    """PyTorch in one build, with what only PyTorch's index has of its needs; None where the hashes are not known.

    Args:
        folder: Of requirements files.
        build: As from torch_build.
    """
    path = folder / f"torch_{build}.txt"
    return path if path.is_file() else None


def build_dependencies_file(folder: Path, build: str) -> Path | None:
    """What only that build of PyTorch needs; None where it needs nothing, or nothing is known of it."""
    return folder / NEEDS[build] if build in NEEDS else None
