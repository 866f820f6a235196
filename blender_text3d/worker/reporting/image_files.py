# SPDX-License-Identifier: GPL-3.0-or-later
"""Images → PNG files, and the cameras of views → cameras.json."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from ...geometry import Cameras, Views
from ...system.files import atomic_write

CAMERAS = "cameras.json"


def save_png(path: Path, image: np.ndarray) -> None:
    """Write `(H, W, 3) uint8` sRGB, or `(H, W, 4) uint8` with coverage as alpha, as PNG."""
    with atomic_write(path) as file:
        Image.fromarray(image).save(file, "PNG")


def save_view_images(folder: Path, views: Views) -> None:
    """Write each view as 000.png and so on, and last cameras.json, whose presence means that all are complete."""
    folder.mkdir(exist_ok=True)
    names = [f"{index:03d}.png" for index in range(len(views))]
    for name, image in zip(names, views.images, strict=True):
        save_png(folder / name, image)
    with atomic_write(folder / CAMERAS) as file:
        file.write(json.dumps(cameras_json(views.cameras, names), indent=1).encode())


def cameras_json(cameras: Cameras, names: list[str]) -> dict:
    """Return cameras in the format of NeRF tools, in model space: Z up, with Blender's camera axes.

    Source: github.com/NVlabs/instant-ngp, docs/nerf_dataset_tips.md: transform_matrix is model_from_camera for cameras
    that look along -Z with Y up; focal lengths are in pixels, and camera_angle_x is the full horizontal angle.
    """
    frames = zip(names, cameras.model_from_blender_cameras(), strict=True)
    return {
        "camera_angle_x": cameras.angle_x_rad(),
        "fl_x": cameras.focal_px,
        "fl_y": cameras.focal_px,
        "cx": cameras.width_px / 2,
        "cy": cameras.height_px / 2,
        "w": cameras.width_px,
        "h": cameras.height_px,
        "frames": [{"file_path": name, "transform_matrix": matrix.tolist()} for name, matrix in frames],
    }
