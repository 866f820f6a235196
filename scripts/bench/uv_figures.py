# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of UVs: used share of the texture, gap between islands, stretch, density of texels and number of islands."""

from typing import NamedTuple

import numpy as np

from blender_text3d.geometry.srgb import linear_from_srgb
from blender_text3d.scene.texture_fill import paint_texture

SIDE, GAP = 1024, 4


class Figures(NamedTuple):
    """Figures of one object: see `measure`."""

    used: float
    gap_px: int
    stretch: float
    density: float
    islands: int
    seconds: float
    margin: float


def measure(vertices: np.ndarray, faces: np.ndarray, uvs: np.ndarray, seconds: float, margin: float) -> Figures:
    """Measure UVs, `(F, 3, 2) float32`, of a mesh.

    Returns:
        The used share of the texture; the smallest gap between islands in pixels, up to GAP; the L2 stretch, 1 for
        none, and the ratio of the texels per length at the 95th and the 5th percentile of the area; the number of
        islands; seconds.
        Source: Sander et al., "Texture Mapping Progressive Meshes", 2001, section 3 (L2 stretch).
    """
    corners = vertices[faces].astype(np.float64)
    flat_area = 0.5 * np.linalg.det((uvs[:, 1:] - uvs[:, :1]).astype(np.float64))
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    island = islands_of(uvs, faces)
    shown = (np.abs(flat_area) > 1e-12) & (area > 1e-12)
    return Figures(
        float(np.abs(flat_area).sum()), gap_px(uvs, island), stretch(corners[shown], uvs[shown], area[shown]),
        density_ratio(area[shown], np.abs(flat_area[shown])), int(island.max()) + 1, seconds, margin,
    )  # fmt: skip


def stretch(corners: np.ndarray, uvs: np.ndarray, area: np.ndarray) -> float:
    """Return the L2 stretch of all triangles, of a texture scaled to the area of the object."""
    (s1, t1), (s2, t2), (s3, t3) = np.moveaxis(uvs.astype(np.float64), 0, -1)
    double = (s2 - s1) * (t3 - t1) - (s3 - s1) * (t2 - t1)
    first, second, third = np.moveaxis(corners, 1, 0)
    by_s = (first * (t2 - t3)[:, None] + second * (t3 - t1)[:, None] + third * (t1 - t2)[:, None]) / double[:, None]
    by_t = (first * (s3 - s2)[:, None] + second * (s1 - s3)[:, None] + third * (s2 - s1)[:, None]) / double[:, None]
    squares = 0.5 * ((by_s**2).sum(axis=1) + (by_t**2).sum(axis=1))
    return float(np.sqrt((squares * area).sum() / area.sum() * (np.abs(double).sum() / 2 / area.sum())))


def density_ratio(area: np.ndarray, flat_area: np.ndarray) -> float:
    """Return the ratio of the densities that 95 % and 5 % of the surface stay below."""
    density = np.sqrt(flat_area / area)
    order = np.argsort(density)
    shares = np.cumsum(area[order]) / area.sum()
    low, high = (density[order[np.searchsorted(shares, share)]] for share in (0.05, 0.95))
    return float(high / low)


def islands_of(uvs: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the island of each face, `(F,) int64`: faces that share an edge at the same place of the texture."""
    places = np.concatenate([np.round(uvs.reshape(-1, 2), 6), faces.reshape(-1, 1)], axis=1)
    corner = np.unique(places, axis=0, return_inverse=True)[1].reshape(-1, 3)
    label = np.arange(len(faces))
    edges = np.sort(np.stack([corner, np.roll(corner, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    edge = np.unique(edges, axis=0, return_inverse=True)[1].reshape(-1, 3)
    while True:
        least = np.full(edge.max() + 1, len(faces))
        np.minimum.at(least, edge.ravel(), np.repeat(label, 3))
        joined = least[edge].min(axis=1)
        joined = joined[joined]
        if (joined == label).all():
            return np.unique(label, return_inverse=True)[1]
        label = joined


def gap_px(uvs: np.ndarray, island: np.ndarray) -> int:
    """Return the smallest number of pixels between two islands, rounded up to 0, 2 or 4."""
    numbers = np.stack([(island + 1) // 256 % 256, (island + 1) % 256, island * 0], -1).astype(np.float32) / 255
    colors = np.repeat(linear_from_srgb(numbers)[:, None], 3, axis=1).astype(np.float32)
    texels = paint_texture(uvs.astype(np.float32), colors, SIDE, 0)[..., :2].astype(np.int32)
    labels = texels[..., 0] * 256 + texels[..., 1]
    for grown in range(0, GAP, 2):
        if touches(labels):
            return grown
        labels = grown_by_one(labels)
    return GAP


def touches(labels: np.ndarray) -> bool:
    """True if pixels of two islands are neighbors."""
    pairs = ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1]))
    return any(((a != b) & (a > 0) & (b > 0)).any() for a, b in pairs)


def grown_by_one(labels: np.ndarray) -> np.ndarray:
    """Return labels of islands that have grown by a pixel."""
    grown = labels.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            moved = np.roll(labels, step, axis)
            grows = (grown == 0) & (moved > 0)
            grown[grows] = moved[grows]
    return grown
