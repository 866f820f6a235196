# SPDX-License-Identifier: GPL-3.0-or-later
"""USD as text: Z up, meters, linear colors as displayColor.

Source: OpenUSD, UsdGeom: metersPerUnit, upAxis, Mesh, Points, displayColor.
"""

import json
import re

import numpy as np

from ..geometry import Mesh
from ..geometry.srgb import linear_from_srgb
from .item import GENERATOR, ExportItem

STAGE = """#usda 1.0
(
    defaultPrim = "{prim}"
    doc = "{generator}"
    metersPerUnit = 1
    upAxis = "Z"
)
"""
PRIM = """
def Xform "{prim}" (
    displayName = {name}
    customData = {{
        string text3d_recipe = {recipe}
    }}
)
{{
    def {kind} "geometry"
    {{
{properties}
    }}
}}
"""
POINT_RADIUS = 0.005
"""Radius of a point as a share of the object's longest side."""


def usd_bytes(*items: ExportItem) -> bytes:
    """Return meshes and point clouds as the content of a .usd file, which may be text."""
    prims = _prims([item.name for item in items])
    text = STAGE.format(prim=prims[0], generator=GENERATOR)
    return (text + "".join(_prim(item, prim) for item, prim in zip(items, prims, strict=True))).encode()


def _prim(item: ExportItem, prim: str) -> str:
    points = item.points
    properties = {
        "point3f[] points": _tuples(points),
        "float3[] extent": _tuples(np.stack([points.min(axis=0), points.max(axis=0)])),
        "color3f[] primvars:displayColor": _tuples(linear_from_srgb(item.geometry.colors.clip(0, 1)), digits=6)
        + ' (interpolation = "vertex")',
    }
    properties |= _mesh_properties(item) if isinstance(item.geometry, Mesh) else _cloud_properties(item)
    lines = "\n".join(f"        {name} = {value}" for name, value in properties.items())
    kind = "Mesh" if isinstance(item.geometry, Mesh) else "Points"
    name, recipe = json.dumps(_printable(item.name), ensure_ascii=False), _quoted(json.dumps(item.recipe))
    return PRIM.format(prim=prim, name=name, recipe=recipe, kind=kind, properties=lines)


def _prims(names: list[str]) -> list[str]:
    """Return a different identifier for each name."""
    found: list[str] = []
    for name in names:
        first = prim_name(name)
        numbered = (f"{first}_{number}" for number in range(1, len(names) + 1))
        found.append(first if first not in found else next(text for text in numbered if text not in found))
    return found


def prim_name(name: str) -> str:
    """Return a name as an identifier of USD."""
    identifier = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:60]
    return f"object_{identifier}" if not identifier or identifier[0].isdigit() else identifier


def _mesh_properties(item: ExportItem) -> dict[str, str]:
    mesh, normals = item.geometry, item.normals()
    assert isinstance(mesh, Mesh)
    assert normals is not None
    return {
        "uniform token subdivisionScheme": '"none"',
        "uniform bool doubleSided": "1",
        "int[] faceVertexCounts": "[" + ", ".join(["3"] * len(mesh.faces)) + "]",
        "int[] faceVertexIndices": "[" + ", ".join(map(str, mesh.faces.ravel().tolist())) + "]",
        "normal3f[] normals": _tuples(normals, digits=6) + ' (interpolation = "vertex")',
    }


def _cloud_properties(item: ExportItem) -> dict[str, str]:
    if item.radii is not None:
        widths = ", ".join(f"{width:.6g}" for width in (2 * item.radii).tolist())
        return {"float[] widths": f'[{widths}] (interpolation = "vertex")'}
    width = 2 * POINT_RADIUS * float(np.ptp(item.points, axis=0).max())
    return {"float[] widths": f'[{width:.6g}] (interpolation = "constant")'}


def _tuples(values: np.ndarray, digits: int = 9) -> str:
    pattern = f"(%.{digits}g, %.{digits}g, %.{digits}g)"
    return "[" + ", ".join(pattern % tuple(row) for row in values.tolist()) + "]"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _quoted(ascii_text: str) -> str:
    """Return ASCII text as a string of USD."""
    return '"' + ascii_text.replace("\\", "\\\\").replace('"', '\\"') + '"'
