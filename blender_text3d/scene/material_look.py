# SPDX-License-Identifier: GPL-3.0-or-later
"""Metallic, roughness, transmission and coat of a mesh's color materials: stored with the mesh, set in their shader."""

import math
from collections.abc import Sequence
from typing import Any

import bpy

from .data_access import custom_property
from .names import MATERIAL_LOOK

Look = tuple[float, ...]
"""Metallic, roughness, transmission and coat, each from 0 to 1; () for a material without words of its own."""
LOOK_INPUTS = ("Metallic", "Roughness", "Transmission Weight", "Coat Weight")
DEFAULT_LOOK: Look = (0.0, 0.6, 0.0, 0.0)


def look_of(data: bpy.types.ID) -> Look:
    """Return the look that is stored with a mesh, or (). A file is untrusted and may have anything under the name."""
    stored = custom_property(data, MATERIAL_LOOK)
    try:
        look = tuple(float(value) for value in stored[: len(LOOK_INPUTS)]) if stored is not None else ()
    except (TypeError, ValueError):
        return ()
    is_valid = len(look) == len(LOOK_INPUTS) and all(math.isfinite(value) and 0 <= value <= 1 for value in look)
    return look if is_valid else ()


def store_look(data: bpy.types.ID, look: Sequence[float]) -> None:
    """Store the look of a mesh; () removes it."""
    if look:
        data[MATERIAL_LOOK] = [round(float(value), 6) for value in look]
    elif custom_property(data, MATERIAL_LOOK) is not None:
        del data[MATERIAL_LOOK]


def set_look(material: bpy.types.Material, look: Look) -> bool:
    """Set the look of a material; () is that of new ones. Returns False if it has no Principled BSDF.

    Inputs that something is linked to stay as they are.
    """
    nodes: Any = material.node_tree.nodes if material.node_tree else ()
    surfaces = [node for node in nodes if node.type == "BSDF_PRINCIPLED"]
    for surface in surfaces:
        for name, value in zip(LOOK_INPUTS, look or DEFAULT_LOOK, strict=True):
            if not surface.inputs[name].is_linked:
                surface.inputs[name].default_value = value
    if surfaces:
        metallic, roughness, transmission, _ = look or DEFAULT_LOOK
        material.metallic, material.roughness = metallic, roughness
        material.use_raytrace_refraction = transmission > 0  # else EEVEE shows only the world behind
    return bool(surfaces)
