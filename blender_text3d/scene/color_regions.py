# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces → regions of one color. numpy only, no bpy.

A region's color is a peak in the density of the colors of all faces. Colors that are interpolated at a border are rare,
so two peaks stay apart; the colors of a gradient are as frequent as its ends, so it is one region.
"""

import numpy as np

from ..geometry.mesh_parts import component_labels

CUBE_SIDE = 0.02
"""Side of the cubes in OKLab whose faces count as one color; a difference of one is just visible."""
MERGE_RATIO = 0.7
"""Density between two peaks, as a share of the lower one, from which on they are one."""
MIN_SHARE = 0.01
"""Share of the area below which a region belongs to the one of the most similar color."""
MIN_ISLAND_SHARE = 0.004
"""Share of the area below which a connected piece of a region belongs to the region around it."""
MAX_CUBES = 2000
MAX_REGIONS = 32
ROUNDS = 4
FLAT_SPREAD = 0.06
"""Difference of the colors of a face's corners, in OKLab, from which on the face hardly counts: it lies at a border."""
LEAST_WEIGHT = 1e-4
"""Weight of a face with several colors, so that a mesh that has no others has regions, too."""


def color_regions(
    corner_colors: np.ndarray, areas: np.ndarray, pairs: np.ndarray, min_share: float = MIN_SHARE
) -> np.ndarray:
    """Return the region of each face, `(F,) int32`, from 0 for the largest.

    Args:
        corner_colors: `(F, 3, 3) float32` linear, the mean, the lowest and the highest color of each face's corners.
        areas: `(F,) float32`.
        pairs: `(P, 2) int32` indices of two faces with a common edge.
        min_share: Share of the area that a region has at least.
    """
    if not len(corner_colors):
        return np.zeros(0, np.int32)
    points, low, high = oklab(np.clip(corner_colors, 0, 1)).swapaxes(0, 1)
    areas = np.maximum(areas, 0) + 1e-12 * max(float(areas.sum()), 1e-12)
    flatness = np.exp(-((high - low) ** 2).sum(axis=-1) / FLAT_SPREAD**2) + LEAST_WEIGHT
    weights = areas * flatness
    labels = without_small_regions(points, weights, color_peaks(points, weights), min_share)
    labels = without_islands(labels, areas, pairs)
    return by_size(labels, areas)


def oklab(colors_linear: np.ndarray) -> np.ndarray:
    """Return colors, `(..., 3) float32`, in OKLab, where distances are as seen.

    Source: Ottosson, "A perceptual color space for image processing", 2020.
    """
    to_cones = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    to_lab = np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    lab: np.ndarray = (np.cbrt(colors_linear @ to_cones.T) @ to_lab.T).astype(np.float32)
    return lab


def color_peaks(points: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return the density peak that each color belongs to, `(F,) int32`.

    Source: Chazal et al., "Persistence-Based Clustering in Riemannian Manifolds", 2013 (ToMATo), with a ratio of
    densities as the threshold.

    Args:
        points: `(F, 3) float32` OKLab.
        areas: `(F,) float32`, the weights.
    """
    side = CUBE_SIDE
    cubes, cube_of = np.unique(np.round(points / side), axis=0, return_inverse=True)
    while len(cubes) > MAX_CUBES:
        side *= 1.5
        cubes, cube_of = np.unique(np.round(points / side), axis=0, return_inverse=True)
    weights = np.bincount(cube_of.ravel(), weights=areas)
    lengths = (cubes**2).sum(axis=1)
    squares = lengths[:, None] + lengths - 2 * cubes @ cubes.T
    density = np.exp(-0.5 * squares) @ weights
    return peaks_of(density, squares <= 4)[cube_of.ravel()]


def peaks_of(density: np.ndarray, is_near: np.ndarray) -> np.ndarray:
    """Return the peak of each cube, `(C,) int32`: from dense to rare, a cube joins its densest neighbor's peak.

    Args:
        density: `(C,) float64`.
        is_near: `(C, C) bool`, neighbors.
    """
    parent = np.arange(len(density))

    def root(cube: int) -> int:
        while parent[cube] != cube:
            parent[cube] = parent[parent[cube]]
            cube = parent[cube]
        return cube

    order = np.argsort(-density, kind="stable")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    for place, cube in enumerate(order):
        higher = np.flatnonzero(is_near[cube] & (rank < place))
        peaks = sorted({root(int(other)) for other in higher}, key=lambda peak: rank[peak])
        if not peaks:
            continue
        parent[cube] = root(int(higher[np.argmin(rank[higher])]))
        for peak in peaks[1:]:
            if density[cube] >= MERGE_RATIO * density[peak]:
                parent[root(peak)] = root(peaks[0])
    return np.array([root(cube) for cube in range(len(density))], np.int32)


def without_small_regions(points: np.ndarray, areas: np.ndarray, labels: np.ndarray, min_share: float) -> np.ndarray:
    """Give the faces of small regions the larger region of the most similar mean color."""
    shares = np.bincount(labels, weights=areas) / areas.sum()
    kept = np.argsort(-shares, kind="stable")[:MAX_REGIONS]
    kept = kept[shares[kept] >= min(min_share, shares.max())]
    weights = shares[kept] * areas.sum()
    sums = [np.bincount(labels, weights=areas * points[:, axis], minlength=len(shares))[kept] for axis in range(3)]
    means = np.stack(sums, -1) / weights[:, None]
    is_small = ~np.isin(labels, kept)
    distances = ((points[is_small, None] - means) ** 2).sum(axis=-1)
    labels = labels.copy()
    labels[is_small] = kept[np.argmin(distances, axis=1)]
    return labels


def without_islands(labels: np.ndarray, areas: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Give small connected pieces of regions to the region that they have the most edges in common with."""
    labels = labels.copy()
    for _ in range(ROUNDS):
        is_same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
        piece = component_labels(pairs[is_same], len(labels))
        is_small = np.bincount(piece, weights=areas, minlength=len(labels)) < MIN_ISLAND_SHARE * areas.sum()
        outer = np.concatenate([pairs[~is_same], pairs[~is_same, ::-1]])
        outer = outer[is_small[piece[outer[:, 0]]]]
        if not len(outer):
            break
        edges, counts = np.unique(np.stack([piece[outer[:, 0]], labels[outer[:, 1]]], -1), axis=0, return_counts=True)
        order = np.argsort(counts, kind="stable")  # the last one of a piece is its longest border
        taken = np.full(len(labels), -1, np.int64)
        taken[edges[order, 0]] = edges[order, 1]
        labels = np.where(taken[piece] >= 0, taken[piece], labels)
    return labels


def by_size(labels: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Number labels from 0 for the one with the largest area."""
    _, labels = np.unique(labels, return_inverse=True)
    order = np.argsort(-np.bincount(labels.ravel(), weights=areas), kind="stable")
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order))
    return number[labels.ravel()]
