# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.text3d_size: the size of new objects in the scene's own unit, computed from the stored meters.

A property of its own, since one with callbacks inside a PropertyGroup crashes Blender 4.2 as a module at exit.
"""

from typing import Any

import bpy

from .input_kind import TEXT, input_kind
from .view_settings import model_of_words

NAME = "text3d_size"


def wanted_size_m(settings: Any, prompt: str) -> float:
    """Return the size of a new object in meters: that of a real one, if that is chosen and known, else the set one.

    Args:
        settings: The panel's settings.
        prompt: What the object is, or "" if only an image shows that.
    """
    if not settings.has_real_size or not prompt:
        return rounded(settings.size_m)
    from ...prompts.real_sizes import real_size_m

    model = model_of_words(settings)
    real = real_size_m(prompt, model=model, has_stand_ins=bool(model))
    return rounded(settings.size_m) if real is None else real


def rounded(value: float) -> float:
    """Return a number without the error of the 32 bits that Blender stores: 0.1 becomes 0.10000000149."""
    return round(float(value), 6)


def get(scene: bpy.types.Scene) -> float:
    """Return the size in Blender units."""
    from ...scene.placement import units_per_meter

    settings = scene.text3d  # type: ignore[attr-defined]
    prompt = settings.prompt if input_kind(settings) == TEXT else ""
    return wanted_size_m(settings, prompt) * units_per_meter(scene)


def put(scene: bpy.types.Scene, size: float) -> None:
    """Store a size in Blender units as meters; it replaces the real size."""
    from ...scene.placement import units_per_meter

    settings = scene.text3d  # type: ignore[attr-defined]
    settings.size_m = size / units_per_meter(scene)
    settings.has_real_size = False


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
