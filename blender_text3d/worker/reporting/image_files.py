# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures → files that every program opens."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from ...geometry import Cameras, Views
from ...system.files import atomic_write

CAMERAS = "cameras.json"


def save_png(path: Path, picture: np.ndarray) -> None:
    """Write [H, W, 3] uint8 sRGB, or [H, W, 4] with how much each pixel is covered, as PNG."""
    with atomic_write(path) as file:
        Image.fromarray(picture).save(file, "PNG")


def save_view_images(folder: Path, views: Views) -> None:
    """Write each view as PNG, 000.png and so on, and then, so that it stands for all of them, cameras.json."""
    folder.mkdir(exist_ok=True)
    names = [f"{index:03d}.png" for index in range(len(views))]
    for name, image in zip(names, views.images, strict=True):
        save_png(folder / name, image)
    with atomic_write(folder / CAMERAS) as file:
        file.write(json.dumps(cameras_json(views.cameras, names), indent=1).encode())


def cameras_json(cameras: Cameras, names: list[str]) -> dict:
    """Cameras as the NeRF tools read them, in model space: Z up, Blender's cameras.

    Source: github.com/NVlabs/instant-ngp, docs/nerf_dataset_tips.md: transform_matrix is model_from_camera for cameras
    that look along -Z with Y up; lengths of the lens are in pixels, and camera_angle_x reaches from edge to edge.
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
