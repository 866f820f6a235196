# SPDX-License-Identifier: GPL-3.0-or-later
"""Object.text3d_point_radius: the size of a cloud's points, wherever this Blender keeps it."""

import bpy

NAME = "text3d_point_radius"


def get(target: bpy.types.Object) -> float:
    """In Blender units; 0 where the object is no cloud of ours."""
    from ...scene.point_cloud import radius_of

    return radius_of(target) or 0.0


def put(target: bpy.types.Object, radius: float) -> None:
    """Give every point this radius."""
    from ...scene.point_cloud import set_radius

    set_radius(target, radius)


def add() -> None:
    """Let objects have it."""
    radius = bpy.props.FloatProperty(
        name="Point Radius", description="Size of the cloud's points", min=0.0, soft_max=1.0,
        precision=4, step=0.1, unit="LENGTH", get=get, set=put,
    )  # fmt: skip
    setattr(bpy.types.Object, NAME, radius)


def remove() -> None:
    """Take it back."""
    delattr(bpy.types.Object, NAME)
