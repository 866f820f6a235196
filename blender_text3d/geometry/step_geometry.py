# SPDX-License-Identifier: GPL-3.0-or-later
"""The meshes or clouds of all steps of a job in one small file: positions in 16 bits of their common box."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..system.deflate_npz import MAX_RATIO
from ..system.files import atomic_write
from .mesh import Mesh
from .point_cloud import PointCloud
from .safe_npz import arrays_in

VERSION = 1
MAX_STEPS = 4000
MAX_BYTES = 2**28
LEVELS = 2**16 - 1
NEWER = "was written by another version of the add-on. Update the add-on, or generate the object again"

StepGeometry = list[Mesh | PointCloud]


def save_step_geometry(path: Path, steps: Sequence[Mesh | PointCloud]) -> None:
    """Write meshes or clouds in model space, one per step, atomically.

    Raises:
        OSError: The file cannot be written; an older one is unchanged.
        ValueError: There are no steps.
    """
    if not steps:
        raise ValueError("there are no steps to write")
    with atomic_write(path) as file:
        arrays: dict[str, Any] = packed(steps)
        np.savez_compressed(file, **arrays)


def packed(steps: Sequence[Mesh | PointCloud]) -> dict[str, np.ndarray]:
    """Return the arrays of the file: positions from 0 to LEVELS in the box, colors in bytes, and the counts by step."""
    points = [step.vertices if isinstance(step, Mesh) else step.points for step in steps]
    positions, colors = np.concatenate(points), np.concatenate([step.colors for step in steps])
    low = positions.min(axis=0, initial=0)
    side = max(float((positions.max(axis=0, initial=0) - low).max()), 1e-6)
    arrays = {
        "version": np.array(VERSION, np.int32),
        "low": low.astype(np.float32),
        "side": np.array(side, np.float32),
        "positions": np.rint((positions - low) / side * LEVELS).astype(np.uint16),
        "colors": np.rint(colors.clip(0, 1) * 255).astype(np.uint8),
        "position_counts": np.array([len(part) for part in points], np.int32),
    }
    meshes = [step for step in steps if isinstance(step, Mesh)]
    if meshes:
        arrays["faces"] = np.concatenate([mesh.faces for mesh in meshes])
        arrays["face_counts"] = np.array([len(mesh.faces) for mesh in meshes], np.int32)
    return arrays


def load_step_geometry(path: Path) -> StepGeometry:
    """Read a file that `save_step_geometry` wrote.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It is damaged, too large, or of another version; the message is one sentence.
    """
    try:
        arrays = arrays_in(path, MAX_BYTES, allow_compressed=True, max_ratio=MAX_RATIO)
        is_known = int(arrays["version"]) == VERSION
        steps = unpacked(arrays) if is_known else []
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path.name} contains no steps of a job ({error!s:.100}). Generate the object again."
        ) from error
    if not is_known:
        raise ValueError(f"{path.name} {NEWER}.")
    return steps


def unpacked(arrays: dict[str, np.ndarray]) -> StepGeometry:
    """Return the meshes or clouds in the arrays of a file, which are untrusted.

    Raises:
        KeyError, TypeError, ValueError: An array is missing or contradicts the others.
    """
    positions, colors = arrays["positions"], arrays["colors"]
    low, side = arrays["low"], arrays["side"]
    if positions.dtype != np.uint16 or colors.dtype != np.uint8 or low.shape != (3,) or side.shape != ():
        raise ValueError("its positions or colors are of another type")
    if not (np.isfinite(low).all() and np.isfinite(side)):
        raise ValueError("its box is not finite")
    points = (positions / np.float32(LEVELS) * np.float32(side) + low).astype(np.float32)
    tints = colors.astype(np.float32) / np.float32(255)
    ends = split_ends(arrays["position_counts"], len(points))
    of_steps = zip(np.split(points, ends), np.split(tints, ends), strict=True)
    if "faces" not in arrays:
        return [PointCloud(*step) for step in of_steps]
    counts = arrays["face_counts"]
    faces = np.split(arrays["faces"], split_ends(counts, len(arrays["faces"])))
    return [Mesh(vertices, own, color) for (vertices, color), own in zip(of_steps, faces, strict=True)]


def split_ends(counts: np.ndarray, total: int) -> np.ndarray:
    """Return the places between the steps.

    Raises:
        ValueError: There are no steps or too many, or they do not add up to `total`.
    """
    if counts.ndim != 1 or counts.dtype.kind != "i" or not 0 < len(counts) <= MAX_STEPS or counts.min() < 0:
        raise ValueError("its number of steps is not accepted")
    ends = np.cumsum(counts.astype(np.int64))
    if ends[-1] != total:
        raise ValueError(f"its steps have {ends[-1]} values, not {total}")
    return ends[:-1]
