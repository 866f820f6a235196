# SPDX-License-Identifier: GPL-3.0-or-later
"""The material that shows the color attribute in Material Preview and in renders."""

from typing import Any

import bpy
import numpy as np

from .colors import mean_color_linear
from .data_access import custom_property
from .names import COLOR, COLOR_MATERIAL, MATERIAL


def color_material(colors_srgb: np.ndarray, name: str = MATERIAL) -> bpy.types.Material:
    """Return a new material that reads the color attribute; Solid view shows the mean color.

    Args:
        colors_srgb: `(N, 3) float32` sRGB in [0, 1].
        name: Name of the material: that of its object.
    """
    material = bpy.data.materials.new(name)
    material[COLOR_MATERIAL] = True
    if material.node_tree is None:
        material.use_nodes = True
    build_nodes(material.node_tree)
    material.diffuse_color = mean_color_linear(colors_srgb)
    return material


def is_color_material(material: bpy.types.Material) -> bool:
    """True if the add-on made the material; those of version 0.1.0 are known by their name."""
    return custom_property(material, COLOR_MATERIAL) is not None or material.name.startswith(MATERIAL)


def build_nodes(tree: Any) -> None:
    """Add the nodes Attribute → Principled BSDF → Material Output.

    The plain Attribute node reads meshes, point clouds and points made by nodes alike.
    """
    tree.nodes.clear()
    color = tree.nodes.new("ShaderNodeAttribute")
    color.attribute_name = COLOR
    surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
    surface.inputs["Roughness"].default_value = 0.6
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    color.location, surface.location, output.location = (-220, 0), (0, 0), (300, 0)
    tree.links.new(color.outputs["Color"], surface.inputs["Base Color"])
    tree.links.new(surface.outputs["BSDF"], output.inputs["Surface"])


def assign_color_material(data: "bpy.types.Mesh | bpy.types.PointCloud", colors_srgb: np.ndarray) -> None:
    """Assign a new color material with the name of the data, or update the mean color of the one that is assigned.

    A slot is empty if the user deleted the material during the preview.
    """
    if not data.materials:
        data.materials.append(color_material(colors_srgb, data.name))
    elif data.materials[0] is None:
        data.materials[0] = color_material(colors_srgb, data.name)
    else:
        data.materials[0].diffuse_color = mean_color_linear(colors_srgb)
