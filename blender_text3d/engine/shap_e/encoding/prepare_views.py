# SPDX-License-Identifier: GPL-3.0-or-later
"""Images with depth to what the encoder takes, and to a colored point cloud.

Source: openai/shap-e, shap_e/util/data_util.py, shap_e/util/image_util.py and shap_e/rendering/point_cloud.py.
"""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from ....geometry.farthest_points import farthest_points, nearest_rows

SCENE_SCALE = 2.0
"""Objects are rendered at half of their size in model space."""
OPAQUE = 1 - 1e-5


@dataclass(frozen=True)
class PreparedViews:
    """V square views of the encoder's size.

    Attributes:
        images: (V, S, S, 3) uint8 sRGB on black.
        alphas: (V, S, S) uint8.
        depths: (V, S, S) float32, infinite for background.
        cameras: (V, 14) float32, see `encoder_inputs.CAMERA_VALUES`.
    """

    images: np.ndarray
    alphas: np.ndarray
    depths: np.ndarray
    cameras: np.ndarray


def prepared_views(images: np.ndarray, depths: np.ndarray, cameras: np.ndarray, size: int) -> PreparedViews:
    """Crop views to the middle square, put them on black, scale them to the encoder's size, and double the scene.

    Args:
        images: (V, H, W, 4) uint8 sRGB with straight alpha.
        depths: (V, H, W) float32 along the cameras' axes, infinite for background.
        cameras: (V, 14) float32.
        size: side of the prepared views.
    """
    images, depths = middle_square(images), middle_square(depths)
    alphas = images[..., 3]
    black = np.round(images[..., :3] * (alphas[..., None] / 255)).astype(np.uint8)
    scaled_depths = F.interpolate(torch.from_numpy(depths)[:, None].float(), (size, size), mode="area")[:, 0].numpy()
    cameras = cameras.astype(np.float32)
    cameras[:, 9:12] *= SCENE_SCALE
    cameras[:, 12:] = cameras[:, 12:].min(axis=1, keepdims=True)
    return PreparedViews(resized(black, size), resized(alphas, size), scaled_depths * np.float32(SCENE_SCALE), cameras)


def middle_square(pixels: np.ndarray) -> np.ndarray:
    """Return the largest square in the middle of (V, H, W, ...)."""
    height, width = pixels.shape[1:3]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[:, top : top + side, left : left + side]


def resized(images: np.ndarray, size: int) -> np.ndarray:
    """Scale images (V, H, W) or (V, H, W, 3) uint8 as Pillow's BILINEAR does, which averages when it shrinks."""
    pictures = [Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR) for image in images]
    return np.stack([np.asarray(picture) for picture in pictures])


def prepared_points(points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Return (6, N) float32 in model space of rendered points and sRGB colors in [0, 1], (N, 3) float32 each."""
    return np.concatenate([points * np.float32(SCENE_SCALE), colors], axis=1).T.astype(np.float32)


def points_of_views(images: np.ndarray, depths: np.ndarray, cameras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places and values of all opaque pixels of finite depth, view after view and row after row.

    Args:
        images: (V, H, W, C + 1) float32, the last channel being alpha in [0, 1].
        depths: (V, H, W) float32 along the cameras' axes.
        cameras: (V, 14) float32.

    Returns:
        (P, 3) and (P, C) float32.
    """
    shown = np.isfinite(depths) & (images[..., -1] >= OPAQUE)
    view, row, column = np.nonzero(shown)
    right, down, forward, origin = cameras[view, :12].reshape(-1, 4, 3).transpose(1, 0, 2)
    ends = np.array(depths.shape[:0:-1], np.float32) - 1
    shares = np.stack([column, row], axis=1) / ends * 2 - 1
    across, along = np.split(shares * np.tan(cameras[view, 12:] / 2), 2, axis=1)
    direction = forward + right * across + down * along
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    distance = depths[shown] / (direction * forward).sum(axis=1)
    places = origin + direction * distance[:, None]
    return places.astype(np.float32), images[shown][:, :-1].astype(np.float32)


def spread_cloud(points: np.ndarray, colors: np.ndarray, count: int, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the farthest points of a cloud, each with the mean color of all points that it is nearest to.

    Args:
        points: (N, 3) float32.
        colors: (N, C) float32 in [0, 1].
        count: number of points to choose.
        start: index of the first one.

    Returns:
        (count, 3) and (count, C) float32; the colors are rounded to bytes.
    """
    chosen = farthest_points(points, count, start)
    owner = nearest_rows(points, points[chosen])
    owner[chosen] = np.arange(count)
    totals = np.bincount(owner, minlength=count)
    sums = [np.bincount(owner, channel, minlength=count) for channel in colors.T]
    means = np.stack(sums, axis=1) / np.maximum(totals, 1)[:, None]
    return points[chosen], (np.round(means * 255) / 255).astype(np.float32)
