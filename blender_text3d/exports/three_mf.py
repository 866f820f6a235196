# SPDX-License-Identifier: GPL-3.0-or-later
"""3MF for printing: Z up, millimeters, with colors per corner.

Source: 3MF Core Specification 1.3, chapters 3 and 4; Materials and Properties Extension 1.2, chapter 3.
"""

import io
import zipfile
from collections.abc import Sequence
from html import escape

import numpy as np

from ..geometry import Mesh
from .item import GENERATOR, ExportItem

CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
</Types>
"""
RELATIONSHIPS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rel0" Target="/3D/3dmodel.model"
 Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
"""
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<model unit="millimeter" xml:lang="en-US" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
 xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02">
<metadata name="Title">{title}</metadata>
<metadata name="Application">{generator}</metadata>
<resources>
{objects}
</resources>
<build>{placed}</build>
</model>
"""
OBJECT = """<m:colorgroup id="{color_id}">
{colors}
</m:colorgroup>
<object id="{id}" type="model" name="{name}" pid="{color_id}" pindex="0"><mesh>
<vertices>
{vertices}
</vertices>
<triangles>
{triangles}
</triangles>
</mesh></object>"""
MAX_COLOR_BITS = 5
"""Bits per channel: printers have few colors, and slicers are slow with ten thousand."""


def three_mf_bytes(*items: ExportItem) -> bytes:
    """Return meshes, in millimeters, as the content of a .3mf file."""
    parts = {"[Content_Types].xml": CONTENT_TYPES, "_rels/.rels": RELATIONSHIPS, "3D/3dmodel.model": _model(items)}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name)  # with a fixed time, so that the same object gives the same bytes
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return content.getvalue()


def _model(items: Sequence[ExportItem]) -> str:
    ids = range(2, 2 * len(items) + 1, 2)
    return MODEL.format(
        title=_xml(items[0].name),
        generator=GENERATOR,
        objects="\n".join(_object(item, identifier) for item, identifier in zip(items, ids, strict=True)),
        placed="".join(f'<item objectid="{identifier}"/>' for identifier in ids),
    )


def _object(item: ExportItem, identifier: int) -> str:
    mesh = item.geometry
    assert isinstance(mesh, Mesh)
    levels = 2**MAX_COLOR_BITS - 1
    # 3MF does not allow a triangle that has a corner twice.
    is_allowed = (mesh.faces != np.roll(mesh.faces, 1, axis=1)).all(axis=1)
    corner_colors = item.color_bytes[mesh.faces] if item.corner_colors is None else item.corner_colors
    coarse = np.rint(np.rint(corner_colors[is_allowed] / 255 * levels) / levels * 255).astype(np.uint8)
    colors, indices = np.unique(coarse.reshape(-1, 3), axis=0, return_inverse=True)
    rows = np.concatenate([mesh.faces[is_allowed], indices.reshape(-1, 3)], axis=1)
    color_id = identifier - 1
    pattern = f'<triangle v1="%d" v2="%d" v3="%d" pid="{color_id}" p1="%d" p2="%d" p3="%d"/>'
    return OBJECT.format(
        id=identifier,
        color_id=color_id,
        name=_xml(item.name),
        colors=_rows('<m:color color="#%02X%02X%02X"/>', colors),
        vertices=_rows('<vertex x="%.9g" y="%.9g" z="%.9g"/>', mesh.vertices),
        triangles=_rows(pattern, rows),
    )


def _xml(text: str) -> str:
    """Return text for an XML element or attribute, without the characters that XML refuses."""
    return escape("".join(char if char.isprintable() else " " for char in text), quote=False).replace('"', "&quot;")


def _rows(pattern: str, values: np.ndarray) -> str:
    return "\n".join(pattern % tuple(row) for row in values.tolist())
