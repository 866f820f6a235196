# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.text3d_size: the size of new objects in the scene's own unit, computed from the stored meters.

A property of its own, since one with callbacks inside a PropertyGroup crashes Blender 4.2 as a module at exit.
"""

import bpy

NAME = "text3d_size"


def get(scene: bpy.types.Scene) -> float:
    """Return the size in Blender units."""
    from ...scene.placement import units_per_meter

    return scene.text3d.size_m * units_per_meter(scene)  # type: ignore[attr-defined]


def put(scene: bpy.types.Scene, size: float) -> None:
    """Store a size in Blender units as meters."""
    from ...scene.placement import units_per_meter

    scene.text3d.size_m = size / units_per_meter(scene)  # type: ignore[attr-defined]


def add() -> None:
    """Add the property to all scenes."""
    size = bpy.props.FloatProperty(
        name="Size", description="Length of the longest side", subtype="DISTANCE", unit="LENGTH", min=0.0,
        precision=3, get=get, set=put,
    )  # fmt: skip
    setattr(bpy.types.Scene, NAME, size)


def remove() -> None:
    """Remove the property."""
    delattr(bpy.types.Scene, NAME)
