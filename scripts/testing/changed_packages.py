# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of a subpackage, and the subpackages with uncommitted changes, for `scripts/test.py fast`."""

import subprocess
from pathlib import Path

from scripts.testing.environments import REPOSITORY

ALWAYS = ("tests/test_imports.py",)
IN_BLENDER = {"addon", "scene"}


def tests_of(packages: list[str]) -> tuple[list[str], list[str]]:
    """Find the test folders of subpackages such as `protocol`, `engine/diffusion` or `addon/jobs`.

    Returns:
        Paths for the worker's Python, and paths for a Python with bpy; the nearest existing test folder of each.

    Raises:
        SystemExit: A subpackage does not exist.
    """
    plain, blender = list(ALWAYS), []
    for package in packages:
        name = package.strip("/").removeprefix("blender_text3d/")
        if not (REPOSITORY / "blender_text3d" / name).is_dir():
            raise SystemExit(
                f"blender_text3d has no subpackage {name!r}. Name a folder below it, such as engine/diffusion."
            )
        parts = Path(name).parts
        in_blender = parts[0] in IN_BLENDER
        (blender if in_blender else plain).append(_nearest(Path("tests/blender" if in_blender else "tests", *parts)))
    return list(dict.fromkeys(plain)), list(dict.fromkeys(blender))


def changed_packages() -> list[str]:
    """Return the subpackages with changes since the last commit, in the package or in its tests."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames"]
    lines = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted({package for line in lines if (package := _package_of(Path(line[3:].strip('"'))))})


def _package_of(file: Path) -> str:
    """Return the subpackage of a file of the package or of a mirrored test; "" for others."""
    parts = file.parts[1:-1]
    if file.parts[0] == "tests" and parts[:1] == ("blender",):
        parts = parts[1:]
    is_ours = file.parts[0] in ("blender_text3d", "tests") and parts
    while is_ours and parts and not (REPOSITORY / "blender_text3d" / Path(*parts)).is_dir():
        parts = parts[:-1]
    return "/".join(parts) if is_ours else ""


def _nearest(folder: Path) -> str:
    while not (REPOSITORY / folder).is_dir():
        folder = folder.parent
    return folder.as_posix()
