# SPDX-License-Identifier: GPL-3.0-or-later
"""3MF for printing: Z up, millimeters, with colors per corner.

Source: 3MF Core Specification 1.3, chapters 3 and 4; Materials and Properties Extension 1.2, chapter 3.
"""

import io
import zipfile
from xml.sax.saxutils import escape

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
<m:colorgroup id="1">
{colors}
</m:colorgroup>
<object id="2" type="model" name="{name}" pid="1" pindex="0"><mesh>
<vertices>
{vertices}
</vertices>
<triangles>
{triangles}
</triangles>
</mesh></object>
</resources>
<build><item objectid="2"/></build>
</model>
"""
MAX_COLOR_BITS = 5
"""Bits per channel: printers have few colors, and slicers are slow with ten thousand."""


def three_mf_bytes(item: ExportItem) -> bytes:
    """Return a mesh, in millimeters, as the content of a .3mf file."""
    parts = {"[Content_Types].xml": CONTENT_TYPES, "_rels/.rels": RELATIONSHIPS, "3D/3dmodel.model": _model(item)}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name)  # with a fixed time, so that the same object gives the same bytes
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return content.getvalue()


def _model(item: ExportItem) -> str:
    mesh = item.geometry
    assert isinstance(mesh, Mesh)
    levels = 2**MAX_COLOR_BITS - 1
    coarse = np.rint(np.rint(item.color_bytes / 255 * levels) / levels * 255).astype(np.uint8)
    colors, indices = np.unique(coarse, axis=0, return_inverse=True)
    # 3MF does not allow a triangle that has a corner twice.
    faces = mesh.faces[(mesh.faces != np.roll(mesh.faces, 1, axis=1)).all(axis=1)]
    rows = np.concatenate([faces, indices.reshape(-1)[faces]], axis=1)
    return MODEL.format(
        title=_xml(item.name),
        name=_xml(item.name),
        generator=GENERATOR,
        colors=_rows('<m:color color="#%02X%02X%02X"/>', colors),
        vertices=_rows('<vertex x="%.9g" y="%.9g" z="%.9g"/>', mesh.vertices),
        triangles=_rows('<triangle v1="%d" v2="%d" v3="%d" pid="1" p1="%d" p2="%d" p3="%d"/>', rows),
    )


def _xml(text: str) -> str:
    """Return text for an XML element or attribute, without the characters that XML refuses."""
    return escape("".join(char if char.isprintable() else " " for char in text), {'"': "&quot;"})


def _rows(pattern: str, values: np.ndarray) -> str:
    return "\n".join(pattern % tuple(row) for row in values.tolist())
