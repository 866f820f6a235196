# SPDX-License-Identifier: GPL-3.0-or-later
"""Views: pictures of an object with the cameras that took them, and their .npz file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..system.whole_file import atomic_write
from .cameras import Cameras
from .safe_npz import arrays_in

MAX_BYTES = 1_600_000_000
"""Of the pictures: as many and as large as can be asked for."""


@dataclass(frozen=True, eq=False)
class Views:
    """Pictures from known places.

    Attributes:
        images: (N, H, W, 4) uint8: sRGB red, green, blue, not multiplied by the fourth, which is how much of the
            pixel the object covers. The first row is the upper one.
        cameras: N of them, in the same order.

    Raises:
        ValueError: The pictures have another shape or dtype, or the cameras' number or size is another.
    """

    images: np.ndarray
    cameras: Cameras

    def __post_init__(self) -> None:
        """Check that pictures and cameras belong together."""
        wanted = (len(self.cameras), self.cameras.height_px, self.cameras.width_px, 4)
        if not isinstance(self.images, np.ndarray):
            raise ValueError(f"images must be a {wanted} uint8 array, not {type(self.images).__name__}")
        if self.images.shape != wanted or self.images.dtype != np.uint8:
            raise ValueError(f"images must be {wanted} uint8, not {self.images.shape} {self.images.dtype}")

    def __len__(self) -> int:
        return len(self.images)

    def over(self, background: tuple[float, float, float]) -> np.ndarray:
        """The pictures on a plain background of an sRGB colour in 0..1: (N, H, W, 3) uint8."""
        cover = self.images[..., 3:].astype(np.float32) / 255
        mixed = self.images[..., :3] * cover + (1 - cover) * np.float32(255) * np.asarray(background, np.float32)
        return np.rint(mixed.clip(0, 255)).astype(np.uint8)


def save_views(path: Path, views: Views) -> None:
    """Write pictures and cameras; a reader sees the old file or the new one, never a part.

    Raises:
        OSError: The file cannot be written; the old one, if any, is untouched.
    """
    cameras = views.cameras
    turns, focal = cameras.model_from_cameras, np.float64(cameras.focal_px)
    with atomic_write(path) as file:
        np.savez_compressed(
            file, images=views.images, places_in_model=cameras.places_in_model, model_from_cameras=turns, focal_px=focal
        )


def load_views(path: Path) -> Views:
    """Read what save_views wrote.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It holds no views.
    """
    try:
        arrays = arrays_in(path, MAX_BYTES, may_be_packed=True)
        images = arrays["images"]
        size = images.shape[2], images.shape[1]
        turns, focal = arrays["model_from_cameras"], float(arrays["focal_px"])
        return Views(images, Cameras(arrays["places_in_model"], turns, focal, *size))
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"{path.name} holds no views ({error}). Render the object again.") from error
