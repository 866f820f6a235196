# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays → point cloud objects: native where Blender can resize one, else a mesh shown as points."""

import math

import bpy
import numpy as np

from .colors import mean_color_linear, store_colors
from .material import assign_color_material, color_material
from .points_nodes import RADIUS, get_input, points_modifier, set_input, show_as_points


def has_native_clouds() -> bool:
    """Whether this Blender lets Python fill a point cloud."""
    return hasattr(bpy.data, "pointclouds") and "resize" in bpy.types.PointCloud.bl_rna.functions


def new_cloud_object(name: str, points: np.ndarray, colors_srgb: np.ndarray) -> bpy.types.Object:
    """A new object that is a coloured point cloud.

    Args:
        points: (N, 3) float32 in the object's space.
        colors_srgb: (N, 3) float32 sRGB in [0, 1].
    """
    make = new_native_cloud if has_native_clouds() else new_vertex_cloud
    target = make(name, points, colors_srgb, default_radius(points))
    target.color = mean_color_linear(colors_srgb)  # what Solid view shows of a cloud where it shows attributes
    return target


def new_native_cloud(name: str, points: np.ndarray, colors_srgb: np.ndarray, radius: float) -> bpy.types.Object:
    """The cloud as Blender's own kind of data."""
    data = bpy.data.pointclouds.new(name)
    data.resize(len(points))
    data.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(points).ravel())
    data.attributes.new("radius", "FLOAT", "POINT")
    store_colors(data, colors_srgb)
    assign_color_material(data, colors_srgb)
    target = bpy.data.objects.new(name, data)
    set_radius(target, radius)
    return target


def new_vertex_cloud(name: str, points: np.ndarray, colors_srgb: np.ndarray, radius: float) -> bpy.types.Object:
    """The cloud as a mesh of vertices alone, with a modifier that makes points of them."""
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(points))
    data.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(points).ravel())
    data.update()
    store_colors(data, colors_srgb)
    material = color_material(colors_srgb)
    data.materials.append(material)
    target = bpy.data.objects.new(name, data)
    show_as_points(target, radius, material)
    return target


def default_radius(points: np.ndarray) -> float:
    """0.8 of the distance between neighbours, were the points spread evenly over two squares as large as their box."""
    longest = float((points.max(axis=0) - points.min(axis=0)).max())
    return 0.8 * max(longest, 1e-6) * math.sqrt(2 / len(points))


def radius_of(target: bpy.types.Object) -> float | None:
    """Radius of the points in Blender units; None where the object is no cloud of ours."""
    if target.type == "POINTCLOUD":
        radii = target.data.attributes.get("radius")
        return float(radii.data[0].value) if radii and len(radii.data) else None
    modifier = points_modifier(target)
    return float(get_input(modifier, RADIUS)) if modifier else None


def set_radius(target: bpy.types.Object, radius: float) -> None:
    """Give every point this radius, in Blender units."""
    if target.type == "POINTCLOUD":
        radii = target.data.attributes["radius"].data
        radii.foreach_set("value", np.full(len(radii), radius, np.float32))
        target.data.update_tag()
    elif modifier := points_modifier(target):
        set_input(modifier, RADIUS, radius)
