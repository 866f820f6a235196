# SPDX-License-Identifier: GPL-3.0-or-later
"""ExportItem: one mesh or point cloud as every format writes it: placed, in meters, with its name and recipe."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..geometry import Mesh, PointCloud
from ..geometry.normals import cloud_normals, unit_normals, vertex_normals
from ..geometry.placement import Placement, placement_of
from ..protocol.version import ENGINE_VERSION

GENERATOR = f"blender_text3d {ENGINE_VERSION}"
Y_UP_FROM_Z_UP = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)
"""glTF and OBJ are Y up and face +Z; this package is Z up and faces -Y."""


class ExportItem(NamedTuple):
    """The content of a file.

    Attributes:
        geometry: Z up, facing -Y before the rotation, the foot at Z = 0; in meters, or in the unit of a print.
        name: Name of the object: the prompt.
        recipe: Settings to generate it again; empty for an object that was not generated.
        radii: Of points, `(N,) float32` in the unit of the geometry, or None.
        corner_colors: `(F, 3, 3) uint8` sRGB of a mesh's corners, or None if those of its vertices hold.
    """

    geometry: Mesh | PointCloud
    name: str
    recipe: dict[str, Any]
    radii: np.ndarray | None = None
    corner_colors: np.ndarray | None = None

    @property
    def points(self) -> np.ndarray:
        """Positions of vertices or points, `(N, 3) float32`."""
        return self.geometry.vertices if isinstance(self.geometry, Mesh) else self.geometry.points

    @property
    def color_bytes(self) -> np.ndarray:
        """Colors as `(N, 3) uint8` sRGB."""
        return np.rint(self.geometry.colors.clip(0, 1) * 255).astype(np.uint8)

    def normals(self) -> np.ndarray | None:
        """Return `(N, 3) float32` unit normals; None for a cloud that is too large or too small for them."""
        if isinstance(self.geometry, Mesh):
            return unit_normals(vertex_normals(self.geometry))
        normals = cloud_normals(self.geometry)
        return None if normals is None else unit_normals(normals)

    def one_line_name(self) -> str:
        """Return the name in ASCII, for the comments and names of text formats."""
        return self.name.encode("ascii", "replace").decode().replace("\n", " ")

    def extras(self) -> dict[str, Any]:
        """Return the recipe as metadata."""
        return extras_of(self.recipe)


def extras_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe as metadata: the most used settings, and all as the property that the add-on reads."""
    if not recipe:
        return {}
    shown: dict[str, Any] = {key: recipe[key] for key in ("prompt", "model", "seed") if key in recipe}
    text = json.dumps(recipe, ensure_ascii=False)
    return {**shown, "text3d_job_id": recipe.get("job_id", ""), "text3d_recipe": text}


def placed(geometry: Mesh | PointCloud, size: float, rotation_deg: int) -> Mesh | PointCloud:
    """Return geometry with a longest side of `size`, its foot at Z = 0 and its footprint centered.

    Raises:
        ValueError: It has no points.
    """
    points = geometry.vertices if isinstance(geometry, Mesh) else geometry.points
    if not len(points):
        raise ValueError("the object has no geometry")
    return _moved(geometry, placement_of(points, size, rotation_deg))


def print_size(geometry: Mesh | PointCloud, height_mm: float) -> float:
    """Return the longest side in millimeters of an object that is printed so high; a flat one is taken as a cube."""
    points = geometry.vertices if isinstance(geometry, Mesh) else geometry.points
    sides = np.ptp(points, axis=0).astype(float) if len(points) else np.ones(3)
    return height_mm * float(sides.max() / sides[2]) if sides[2] > 0 else height_mm


def _moved(geometry: Mesh | PointCloud, placement: Placement) -> Mesh | PointCloud:
    if isinstance(geometry, Mesh):
        return Mesh(placement.apply(geometry.vertices), geometry.faces, geometry.colors)
    return PointCloud(placement.apply(geometry.points), geometry.colors)


def joined_points(items: Sequence[ExportItem]) -> ExportItem:
    """Return one item with the points of all, for a format without objects; all or none have radii."""
    points, colors = (np.concatenate([getattr(item.geometry, name) for item in items]) for name in ("points", "colors"))
    radii = [item.radii for item in items if item.radii is not None]
    return items[0]._replace(geometry=PointCloud(points, colors), radii=np.concatenate(radii) if radii else None)
