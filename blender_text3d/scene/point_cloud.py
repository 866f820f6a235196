# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays → point cloud objects: native if Blender can resize one, else a mesh shown as points."""

import math
from typing import Any, cast

import bpy
import numpy as np

from .colors import mean_color_linear, store_colors
from .data_access import attribute_values
from .material import assign_color_material, color_material
from .points_nodes import RADIUS, get_input, points_modifier, set_input, show_as_points


def has_native_clouds() -> bool:
    """True if this Blender lets Python fill a point cloud."""
    return hasattr(bpy.data, "pointclouds") and "resize" in cast(Any, bpy.types.PointCloud).bl_rna.functions


def new_cloud_object(name: str, points: np.ndarray, colors_srgb: np.ndarray) -> bpy.types.Object:
    """Return a new object that is a colored point cloud.

    Args:
        points: `(N, 3) float32` in object space.
        colors_srgb: `(N, 3) float32` sRGB in [0, 1].
    """
    make = new_native_cloud if has_native_clouds() else new_vertex_cloud
    target = make(name, points, colors_srgb, default_radius(points))
    target.color = mean_color_linear(colors_srgb)  # Solid view shows it for clouds when set to Attribute
    return target


def new_native_cloud(name: str, points: np.ndarray, colors_srgb: np.ndarray, radius: float) -> bpy.types.Object:
    """Return the cloud as an object with native point cloud data."""
    data = native_cloud_data(name, points, colors_srgb, radius)
    assign_color_material(data, colors_srgb)
    return bpy.data.objects.new(name, data)


def native_cloud_data(name: str, points: np.ndarray, colors_srgb: np.ndarray, radius: float) -> bpy.types.PointCloud:
    """Return new point cloud data without a material."""
    data: Any = bpy.data.pointclouds.new(name)
    data.resize(len(points))
    attribute_values(data, "position").foreach_set("vector", np.ascontiguousarray(points).ravel())
    data.attributes.new("radius", "FLOAT", "POINT")
    set_radii(data, radius)
    store_colors(data, colors_srgb)
    return cast(bpy.types.PointCloud, data)


def new_vertex_cloud(name: str, points: np.ndarray, colors_srgb: np.ndarray, radius: float) -> bpy.types.Object:
    """Return the cloud as a mesh without faces, with a modifier that makes points of the vertices."""
    data = vertex_cloud_data(name, points, colors_srgb)
    material = color_material(colors_srgb, name)
    data.materials.append(material)
    target = bpy.data.objects.new(name, data)
    show_as_points(target, radius, material)
    return target


def vertex_cloud_data(name: str, points: np.ndarray, colors_srgb: np.ndarray) -> bpy.types.Mesh:
    """Return a new mesh without faces, edges and materials."""
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(points))
    attribute_values(data, "position").foreach_set("vector", np.ascontiguousarray(points).ravel())
    data.update()
    store_colors(data, colors_srgb)
    return data


def default_radius(points: np.ndarray) -> float:
    """Return 0.8 of the mean distance between neighbors of points on two squares as large as the bounding box."""
    longest = float((points.max(axis=0) - points.min(axis=0)).max())
    return 0.8 * max(longest, 1e-6) * math.sqrt(2 / len(points))


def radius_of(target: bpy.types.Object) -> float | None:
    """Return the radius of the points in Blender units, or None if the object is not a generated cloud."""
    if target.type == "POINTCLOUD":
        data: Any = target.data
        radii = data.attributes.get("radius")
        return float(radii.data[0].value) if radii and len(radii.data) else None
    modifier = points_modifier(target)
    return float(get_input(modifier, RADIUS)) if modifier else None


def set_radius(target: bpy.types.Object, radius: float) -> None:
    """Set the radius of every point, in Blender units."""
    if target.type == "POINTCLOUD":
        set_radii(cast(bpy.types.PointCloud, target.data), radius)
    elif modifier := points_modifier(target):
        set_input(modifier, RADIUS, radius)


def set_radii(data: bpy.types.PointCloud, radius: float) -> None:
    """Set the radius of every point of native data, in Blender units."""
    radii = attribute_values(data, "radius")
    radii.foreach_set("value", np.full(len(radii), radius, np.float32))
    data.update_tag()
