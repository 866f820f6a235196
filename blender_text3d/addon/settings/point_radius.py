# SPDX-License-Identifier: GPL-3.0-or-later
"""Object.text3d_point_radius: the size of the points of a generated point cloud, in every Blender version."""

import bpy

NAME = "text3d_point_radius"


def get(target: bpy.types.Object) -> float:
    """Return the radius in Blender units, or 0 if the object is not a generated point cloud."""
    from ...scene.point_cloud import radius_of

    return radius_of(target) or 0.0


def set_all(target: bpy.types.Object, radius: float) -> None:
    """Set the radius of every point, in Blender units."""
    from ...scene.point_cloud import set_radius

    set_radius(target, radius)


def add() -> None:
    """Add the property to all objects."""
    radius = bpy.props.FloatProperty(
        name="Point Radius", description="Radius of the points", min=0.0, soft_max=1.0,
        precision=4, step=0.1, unit="LENGTH", get=get, set=set_all,  # type: ignore[arg-type]
    )  # fmt: skip
    setattr(bpy.types.Object, NAME, radius)


def remove() -> None:
    """Remove the property."""
    delattr(bpy.types.Object, NAME)
