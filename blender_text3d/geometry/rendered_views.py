# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of an object that Blender rendered, as further arrays in the file of its mesh."""

import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PREFIX = "view_"
MAX_VIEWS, MIN_SIDE, MAX_SIDE = 64, 16, 1024
DEPTH_STEPS = 2**14
"""Depths are stored as whole numbers, so many for the object's longest side."""
MAX_DEPTH = (2**16 - 1) / DEPTH_STEPS


@dataclass(frozen=True, eq=False)
class RenderedViews:
    """Views of an object whose longest side is 1.

    Attributes:
        images: (V, S, S, 4) uint8, base colors in sRGB without light, and an alpha of 0 or 255.
        angles: (V, S, S) uint8, absolute cosine of the angle between face and light, times 255.
        depths: (V, S, S) uint16 along the cameras' axes, times DEPTH_STEPS; 0 for background.
        cameras: (V, 14) float32, see `object_cameras.camera_rows`.

    Raises:
        ValueError: an array has another shape or type, or a camera is not finite.
    """

    images: np.ndarray
    angles: np.ndarray
    depths: np.ndarray
    cameras: np.ndarray

    def __post_init__(self) -> None:
        """Check the arrays."""
        count, side = len(self.images), self.images.shape[1] if self.images.ndim == 4 else 0
        if not (1 <= count <= MAX_VIEWS and MIN_SIDE <= side <= MAX_SIDE):
            raise ValueError(f"{count} views of {side} px are too few, too many, too small or too large")
        pixels = (count, side, side)
        for name, shape, dtype in (
            ("images", (*pixels, 4), "uint8"),
            ("angles", pixels, "uint8"),
            ("depths", pixels, "uint16"),
            ("cameras", (count, 14), "float32"),
        ):
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.dtype(dtype):
                raise ValueError(f"{name} must be {shape} {dtype}, not {array.shape} {array.dtype}")
        if not (np.isfinite(self.cameras).all() and (self.cameras[:, 12:] > 0).all()):
            raise ValueError("a camera is not finite")

    def depths_in_units(self) -> np.ndarray:
        """Return the depths (V, S, S) float32, infinite for background."""
        shown = (self.depths > 0) & (self.images[..., 3] > 0)
        depths: np.ndarray = np.where(shown, self.depths / np.float32(DEPTH_STEPS), np.float32(np.inf))
        return depths


def stored_depths(depths: np.ndarray) -> np.ndarray:
    """Return depths (V, S, S) float32 of surfaces as they are stored; those out of range count as background."""
    steps = np.nan_to_num(depths, nan=0.0, posinf=0.0, neginf=0.0)
    return np.where((steps > 0) & (steps <= MAX_DEPTH), np.rint(steps * DEPTH_STEPS), 0).astype(np.uint16)


def add_rendered_views(path: Path, views: RenderedViews) -> None:
    """Add views to a mesh's .npz file, atomically.

    Raises:
        OSError: the file cannot be written; it is unchanged.
    """
    part = path.with_name(path.name + ".views")
    try:
        shutil.copyfile(path, part)
        with zipfile.ZipFile(part, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, array in vars(views).items():
                with archive.open(f"{PREFIX}{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, array, (1, 0), allow_pickle=False)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def pop_rendered_views(arrays: dict[str, np.ndarray]) -> RenderedViews | None:
    """Take the views out of the arrays of a file; return None if there are none.

    Raises:
        ValueError: they are incomplete or invalid.
    """
    found = {name: arrays.pop(name) for name in sorted(arrays) if name.startswith(PREFIX)}
    if not found:
        return None
    try:
        return RenderedViews(**{name.removeprefix(PREFIX): array for name, array in found.items()})
    except (TypeError, AttributeError) as error:
        raise ValueError(f"it contains incomplete views ({error})") from error
