# SPDX-License-Identifier: GPL-3.0-or-later
"""Fast point splatting of a catalog shape, a few milliseconds per image."""

from dataclasses import dataclass

import numba
import numpy as np

from .camera import FILL, three_quarter_camera

SIDE = 128
"""Image side in pixels, twice the training resolution for anti-aliasing."""
REACH = 0.95
"""Share of the image that the longer side of the object fills."""
DOTS = 28_000
MAX_LIGHT = 1.25
EMPTY = 255


@dataclass(frozen=True)
class Dots:
    """Points (N, 3) on a shape's surface in model space, outward normals (N, 3), and their part indices (N,)."""

    points: np.ndarray
    normals: np.ndarray
    parts: np.ndarray


@dataclass(frozen=True)
class Shot:
    """Camera and light of one image; angles as in `three_quarter_camera`, `light` a unit vector towards the lamp.

    Attributes:
        key: linear light of the lamp on a white surface that faces it.
        ambient: linear ambient light; surfaces that face down receive half of it.
    """

    turn_deg: float
    height_deg: float
    light: tuple[float, float, float]
    key: float
    ambient: float


def random_shot(rng):
    """Return a random shot, mostly of the front and from slightly above, lit from above on either side."""
    turn = rng.uniform(-180, 180) if rng.random() < 0.15 else rng.uniform(-60, 60)
    light = np.array([rng.normal(0, 0.7), rng.normal(-0.4, 0.5), rng.uniform(0.5, 1.2)])
    key, ambient = rng.uniform(0.35, 0.95), rng.uniform(0.3, 0.65)
    return Shot(turn, rng.uniform(3, 38), tuple(light / np.linalg.norm(light)), key, ambient)


def dots_of(solid, rng, count=DOTS):
    """Sample dots on all parts of a `Solid`, including those hidden inside another part."""
    areas = np.array([part.solid.area() for part in solid.parts])
    counts = rng.multinomial(count, areas / areas.sum())
    drawn = [_part_dots(part, n, rng) for part, n in zip(solid.parts, counts, strict=True) if n]
    raw, normals = (np.concatenate(values) for values in zip(*drawn, strict=True))
    points = (raw - solid.middle) * solid.scale
    return Dots(points, normals, np.repeat(np.arange(len(counts)), counts))


def _part_dots(part, count, rng):
    """Return (points, normals) of one part in the frame of the shape; normals are gradients of the distance."""
    local = part.solid.surface(count, rng)
    normals = np.stack([part.solid.distance(local + 1e-3 * axis) for axis in np.eye(3)], axis=1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    if part.turn is not None:
        local, normals = local @ part.turn.T, normals @ part.turn.T
    return local + np.asarray(part.at), normals


def render_dots(dots, shot):
    """Render the object centered, its longer side `REACH` of the image.

    Returns:
        part (SIDE, SIDE) uint8, `EMPTY` for background; light (SIDE, SIDE) uint8, the factor of sRGB colors, with
        255 for `MAX_LIGHT`.
    """
    camera = three_quarter_camera(dots.points, SIDE * REACH / FILL, shot.turn_deg, shot.height_deg)
    faces_us = ((camera.place - dots.points) * dots.normals).sum(1) > 0
    seen = camera.image_of(dots.points[faces_us])
    seen[:, :2] += (SIDE - SIDE * REACH / FILL) / 2
    winner = _fill_gaps(*_nearest(*seen.T, SIDE))
    light = np.rint(_light(dots.normals[faces_us], shot) * (255 / MAX_LIGHT)).clip(0, 255).astype(np.uint8)
    part = np.append(dots.parts[faces_us], EMPTY).astype(np.uint8)
    return part[winner], np.append(light, 0).astype(np.uint8)[winner]


def _light(normals, shot):
    """Return (N,) factors of sRGB colors, the linear light raised to 1 / 2.2."""
    ambient = shot.ambient * (0.75 + 0.25 * normals[:, 2])
    return (ambient + shot.key * (normals @ np.array(shot.light)).clip(0, 1)) ** (1 / 2.2)


@numba.njit(cache=True)
def _nearest(columns, rows, depths, side):
    """Return indices and depths (side, side) of the nearest dot around each pixel; -1 and 0 for background.

    A dot covers nine pixels, so that hidden surfaces seldom show through. Depths are negative.
    """
    number, depth = np.full((side, side), -1), np.zeros((side, side))
    for dot in range(len(depths)):
        for y in range(int(rows[dot]) - 1, int(rows[dot]) + 2):
            for x in range(int(columns[dot]) - 1, int(columns[dot]) + 2):
                if 0 <= x < side and 0 <= y < side and depths[dot] < depth[y, x]:
                    number[y, x], depth[y, x] = dot, depths[dot]
    return number, depth


@numba.njit(cache=True)
def _fill_gaps(number, depth):
    """Fill remaining gaps: (side, side) indices of the dot of median depth among nine pixels."""
    side = len(depth)
    closed = np.full((side, side), -1)
    for y in range(1, side - 1):
        for x in range(1, side - 1):
            around = depth[y - 1 : y + 2, x - 1 : x + 2]
            for i in range(9):
                middle, nearer, as_near = around[i // 3, i % 3], 0, 0
                for k in range(9):
                    nearer += around[k // 3, k % 3] < middle
                    as_near += around[k // 3, k % 3] <= middle
                if nearer <= 4 < as_near:
                    closed[y, x] = number[y - 1 + i // 3, x - 1 + i % 3]
                    break
    return closed
