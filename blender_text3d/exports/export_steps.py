# SPDX-License-Identifier: GPL-3.0-or-later
"""The denoising steps in a job folder → one file per step, all of them in the place and size of the last one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..geometry import Mesh, PointCloud
from ..geometry.placement import placement_of
from ..geometry.step_geometry import load_step_geometry
from ..system.files import replace_content
from .glb import glb_bytes
from .item import ExportItem

STEP_PARTS = ("step_meshes", "steps")
"""Files of a job that hold geometry for each step: decoded meshes of Shap-E, clouds of Point-E."""


def export_steps(file: Path, out: Path, name: str, recipe: dict[str, Any], size_m: float, rotation_deg: int) -> None:
    """Write step_01.glb and so on; a step in which nothing has formed yet has no file.

    Args:
        file: A job's file of one of `STEP_PARTS`, which is untrusted.
        out: The folder, which is created.
        name: Name of the object: the prompt.
        recipe: The job's recipe, to which each file's step is added.
        size_m: Longest side of the last step in meters.
        rotation_deg: Rotation about Z, counterclockwise seen from above.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: The file holds no steps, or nothing formed in any of them.
    """
    steps = load_step_geometry(file)
    formed = [(number, step) for number, step in enumerate(steps, start=1) if len(points_of(step))]
    if not formed:
        raise ValueError("nothing has formed in any step")
    out.mkdir(parents=True, exist_ok=True)
    for number, geometry in placed_steps(formed, size_m, rotation_deg):
        item = ExportItem(geometry, name, recipe | {"step": number})
        replace_content(out / f"step_{number:02d}.glb", glb_bytes(item))


def placed_steps(
    formed: list[tuple[int, Mesh | PointCloud]], size_m: float, rotation_deg: int
) -> Iterator[tuple[int, Mesh | PointCloud]]:
    """Yield the steps with their numbers, moved as the last one is to stand at the origin."""
    placement = placement_of(points_of(formed[-1][1]), size_m, rotation_deg)
    for number, step in formed:
        moved = placement.apply(points_of(step))
        yield number, replace(step, vertices=moved) if isinstance(step, Mesh) else replace(step, points=moved)


def points_of(geometry: Mesh | PointCloud) -> Any:
    """Return the positions of vertices or points, `(N, 3) float32`."""
    return geometry.vertices if isinstance(geometry, Mesh) else geometry.points
