# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes in meters → millimeters on the bed of a printer, of a given height and with a flat base."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from ..geometry import Mesh
from ..geometry.flat_base import with_flat_base
from ..geometry.watertight import Defects, defects_of
from .formats import MILLIMETERS_PER_METER
from .item import ExportItem

MAX_BASE_SHARE = 0.25
"""Largest share of the height that the flat base takes, however small the object is printed."""


def print_items(items: Sequence[ExportItem], height_mm: float, base_mm: float) -> list[ExportItem]:
    """Return meshes that keep their arrangement, stand on Z = 0 and are centered.

    Args:
        items: Meshes in meters.
        height_mm: Height of all together, or 0 for their own.
        base_mm: Height above the lowest point below which everything is pressed flat, so that it stands.
    """
    low = np.min([item.points.min(axis=0) for item in items], axis=0)
    high = np.max([item.points.max(axis=0) for item in items], axis=0)
    height_m = float(high[2] - low[2])
    wanted_mm = height_mm or height_m * MILLIMETERS_PER_METER
    base_mm = min(base_mm, MAX_BASE_SHARE * wanted_mm)
    scale = (wanted_mm + base_mm) / height_m if height_mm and height_m > 0 else MILLIMETERS_PER_METER
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return [_printed(item, origin, scale, base_mm) for item in items]


def _printed(item: ExportItem, origin: np.ndarray, scale: float, base_mm: float) -> ExportItem:
    mesh = cast(Mesh, item.geometry)
    placed = Mesh(((mesh.vertices - origin) * scale).astype(np.float32), mesh.faces, mesh.colors)
    colors = item.corner_colors
    if base_mm > 0:
        split = with_flat_base(placed, base_mm)
        placed = Mesh(split.mesh.vertices - np.array([0, 0, base_mm], np.float32), split.mesh.faces, split.mesh.colors)
        if colors is not None:
            mixed = np.einsum("fkc,fjk->fjc", colors[split.sources].astype(np.float32), split.weights)
            colors = np.rint(mixed).astype(np.uint8)
    return item._replace(geometry=placed, corner_colors=colors)


def print_defects(item: ExportItem) -> Defects:
    """Return what keeps a mesh from being watertight."""
    mesh = cast(Mesh, item.geometry)
    return defects_of(mesh.vertices, mesh.faces)
