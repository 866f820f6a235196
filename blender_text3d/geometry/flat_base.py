# SPDX-License-Identifier: GPL-3.0-or-later
"""A flat base: triangles are split at a height, and everything below is pressed onto it. Closed meshes stay closed."""

from typing import NamedTuple

import numpy as np

from .mesh import Mesh


class Split(NamedTuple):
    """A mesh none of whose edges crosses the height.

    Attributes:
        mesh: The mesh, whose first vertices are the old ones.
        sources: `(F,) int64`, the old triangle of each one.
        weights: `(F, 3, 3) float32`, barycentric coordinates of the corners in it.
    """

    mesh: Mesh
    sources: np.ndarray
    weights: np.ndarray


def with_flat_base(mesh: Mesh, height: float) -> Split:
    """Return a mesh that is flat at a height, with nothing below."""
    split = split_at(mesh, height)
    vertices = split.mesh.vertices.copy()
    vertices[:, 2] = np.maximum(vertices[:, 2], np.float32(height))
    return split._replace(mesh=Mesh(vertices, split.mesh.faces, split.mesh.colors))


def split_at(mesh: Mesh, height: float) -> Split:
    """Split triangles where the plane Z = height crosses their edges, each edge at one vertex for all its triangles."""
    faces, identity = mesh.faces.astype(np.int64), np.eye(3, dtype=np.float32)
    sides = np.sign(mesh.vertices[:, 2] - np.float32(height))
    starts, ends = faces, np.roll(faces, -1, axis=1)
    is_crossing = sides[starts] * sides[ends] < 0
    keys = np.minimum(starts, ends) * len(mesh.vertices) + np.maximum(starts, ends)
    crossed, index = np.unique(keys[is_crossing], return_inverse=True)
    low, high = np.divmod(crossed, max(len(mesh.vertices), 1))
    share = _shares(mesh.vertices, low, high, height)
    between = [values[low] + (values[high] - values[low]) * share[:, None] for values in (mesh.vertices, mesh.colors)]
    vertices, colors = (np.concatenate(pair) for pair in zip((mesh.vertices, mesh.colors), between, strict=True))
    middles = np.zeros_like(faces)
    middles[is_crossing] = index.reshape(-1) + len(mesh.vertices)
    toward_end = np.zeros(faces.shape, np.float32)
    from_low = share[index.reshape(-1)]
    toward_end[is_crossing] = np.where((starts < ends)[is_crossing], from_low, 1 - from_low)
    weights = (1 - toward_end)[..., None] * identity + toward_end[..., None] * np.roll(identity, -1, axis=0)
    counts = is_crossing.sum(axis=1)
    whole = np.flatnonzero(counts == 0)
    rows, sources, corner_weights = [faces[whole]], [whole], [np.tile(identity, (len(whole), 1, 1))]

    def add(selected: np.ndarray, corners: list[tuple[bool, int]]) -> None:
        """Add a triangle for each selected one, of old corners (False, n) and middles of edges (True, n)."""
        rows.append(np.stack([(middles if is_middle else faces)[selected, n] for is_middle, n in corners], axis=1))
        sources.append(selected)
        corner_weights.append(
            np.stack([weights[selected, n] if is_middle else np.tile(identity[n], (len(selected), 1))
                      for is_middle, n in corners], axis=1)
        )  # fmt: skip

    for n in range(3):
        after, last = (n + 1) % 3, (n + 2) % 3
        alone = np.flatnonzero((counts == 2) & is_crossing[:, n] & is_crossing[:, last])
        add(alone, [(False, n), (True, n), (True, last)])
        add(alone, [(True, n), (False, after), (False, last)])
        add(alone, [(True, n), (False, last), (True, last)])
        halved = np.flatnonzero((counts == 1) & is_crossing[:, n])
        add(halved, [(False, n), (True, n), (False, last)])
        add(halved, [(True, n), (False, after), (False, last)])
    made = Mesh(vertices.astype(np.float32), np.concatenate(rows).astype(np.int32), colors.astype(np.float32))
    return Split(made, np.concatenate(sources), np.concatenate(corner_weights))


def _shares(vertices: np.ndarray, low: np.ndarray, high: np.ndarray, height: float) -> np.ndarray:
    """Return how far along each edge the height is, `(E,) float32`."""
    bottom, top = vertices[low, 2].astype(np.float64), vertices[high, 2].astype(np.float64)
    shares: np.ndarray = ((height - bottom) / (top - bottom)).astype(np.float32)
    return shares
