# SPDX-License-Identifier: GPL-3.0-or-later
"""The cameras and the light that the encoders see objects with, whose longest side is 1.

Source: openai/shap-e, shap_e/rendering/blender/blender_script.py: cameras at distance 2 from the middle, uniform on the
sphere, Blender's default lens, one light.
"""

import numpy as np

from .cameras import Cameras

FOV_RAD, DISTANCE = 0.6911112, 2.0
VIEW_COUNT = 20
LIGHT_DIRECTION = np.array([0.09387503, -0.63953443, -0.7630093])
"""Unit vector of the light in model space. It shines from both sides, so the sign does not matter."""
AMBIENT, DIFFUSE = 0.3, 0.7
"""Shares of the light that a surface reflects in any direction, and by the angle to the light, in linear light."""


def sphere_cameras(count: int, side: int, seed: int) -> Cameras:
    """Return cameras in random directions, uniform on the sphere, that face the origin, their upper side up."""
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(count, 3))
    places *= DISTANCE / np.linalg.norm(places, axis=1, keepdims=True)
    forward = -places / DISTANCE
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    axes = np.stack([right, np.cross(forward, right), forward], axis=2)
    return Cameras(places.astype(np.float32), axes.astype(np.float32), side / 2 / np.tan(FOV_RAD / 2), side, side)


def camera_rows(cameras: Cameras) -> np.ndarray:
    """Return cameras as the encoder takes them, `(V, 14) float32`: right, down, forward, position, fields of view.

    As in the official pipeline, the field of view is that between the image's sides.
    """
    axes = cameras.model_from_cameras.transpose(0, 2, 1).reshape(-1, 9)
    fovs = [2 * np.arctan(size / 2 / cameras.focal_px) for size in (cameras.width_px, cameras.height_px)]
    return np.concatenate([axes, cameras.places_in_model, np.tile(fovs, (len(axes), 1))], axis=1).astype(np.float32)
