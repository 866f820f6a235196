# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered views of an object with their cameras, and their .npz file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..system.files import atomic_write
from .cameras import Cameras
from .safe_npz import arrays_in

MAX_BYTES = 1_600_000_000
"""Enough for the largest number and size of views that a request accepts."""


@dataclass(frozen=True, eq=False)
class Views:
    """Rendered images and their cameras.

    Attributes:
        images: (N, H, W, 4) uint8: sRGB color and straight alpha, which is the share of the pixel that the object
            covers. The first row is the top one.
        cameras: N cameras in the same order.

    Raises:
        ValueError: The images have another shape or dtype, or do not match the cameras.
    """

    images: np.ndarray
    cameras: Cameras

    def __post_init__(self) -> None:
        """Check that images and cameras match."""
        expected = (len(self.cameras), self.cameras.height_px, self.cameras.width_px, 4)
        if not isinstance(self.images, np.ndarray):
            raise ValueError(f"images must be a {expected} uint8 array, not {type(self.images).__name__}")
        if self.images.shape != expected or self.images.dtype != np.uint8:
            raise ValueError(f"images must be {expected} uint8, not {self.images.shape} {self.images.dtype}")

    def __len__(self) -> int:
        return len(self.images)

    def over(self, background: tuple[float, float, float]) -> np.ndarray:
        """Composite over a plain sRGB background in [0, 1]; returns (N, H, W, 3) uint8."""
        alpha = self.images[..., 3:].astype(np.float32) / 255
        mixed = self.images[..., :3] * alpha + (1 - alpha) * np.float32(255) * np.asarray(background, np.float32)
        image: np.ndarray = np.rint(mixed.clip(0, 255)).astype(np.uint8)
        return image


def save_views(path: Path, views: Views) -> None:
    """Write images and cameras to one file, atomically.

    Raises:
        OSError: The file cannot be written; an older one is unchanged.
    """
    cameras = views.cameras
    rotations, focal = cameras.model_from_cameras, np.float64(cameras.focal_px)
    with atomic_write(path) as file:
        np.savez_compressed(
            file,
            images=views.images,
            places_in_model=cameras.places_in_model,
            model_from_cameras=rotations,
            focal_px=focal,
        )


def load_views(path: Path) -> Views:
    """Read a file written by `save_views`.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It does not contain views.
    """
    try:
        arrays = arrays_in(path, MAX_BYTES, allow_compressed=True)
        images = arrays["images"]
        size = images.shape[2], images.shape[1]
        rotations, focal = arrays["model_from_cameras"], float(arrays["focal_px"])
        return Views(images, Cameras(arrays["places_in_model"], rotations, focal, *size))
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"{path.name} does not contain views ({error}). Render the object again.") from error
