# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes that an encoder can read but copies badly, each with a sentence for the user."""

import numpy as np

from ....geometry.textured_mesh import TexturedMesh

FLAT_SHARE = 0.005
"""An object is flat if its shortest side is a smaller share of the longest one."""
WIDE_GAP_SHARE = 0.6
"""Its parts are far apart if an empty slab has a larger share of the longest side."""


def shape_notice(mesh: TexturedMesh, name: str) -> str | None:
    """Return a sentence about an object that is copied badly, or None.

    Args:
        mesh: a mesh of finite coordinates with at least one face.
        name: the object's name in the sentence.
    """
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    low, high = corners.min(axis=1), corners.max(axis=1)
    sides = high.max(axis=0) - low.min(axis=0)
    if max(widest_gap(low[:, axis], high[:, axis]) for axis in range(3)) > WIDE_GAP_SHARE * sides.max():
        return f"The parts of {name} are far apart, so each is small in all views. Encode them one by one."
    if sides.min() < FLAT_SHARE * sides.max():
        return f"{name} is flat, so its copy may be thicker or have holes. Give it some thickness first."
    return None


def widest_gap(low: np.ndarray, high: np.ndarray) -> float:
    """Return the length of the longest stretch that no interval covers between the first and the last one.

    Args:
        low, high: (F,) float64, the ends of intervals.
    """
    order = np.argsort(low)
    reached = np.maximum.accumulate(high[order])
    return float((low[order][1:] - reached[:-1]).max(initial=0.0))
