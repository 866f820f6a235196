# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that exclude each other, each with the button that settles it; what a model does not make is grey."""

import bpy

from ...protocol.models import MODELS, OUTPUTS
from ..settings.conflicts import conflicts
from .text_wrap import draw_wrapped


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Nothing where nothing conflicts."""
    for conflict in conflicts(context.scene.text3d):
        box = layout.box()
        draw_wrapped(box, conflict.words, "ERROR" if conflict.stops else "INFO", context)
        if conflict.name:
            button = box.operator("text3d.settle", text=conflict.label, icon="CHECKMARK")
            button.name, button.value = conflict.name, conflict.value


def draw_outputs(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """The kinds of result; one that the model has not cannot be pressed."""
    model = MODELS.get(settings.model)
    row = layout.row(align=True)
    for name in OUTPUTS:
        part = row.row(align=True)
        part.enabled = model is None or name in model.outputs
        part.prop_enum(settings, "outputs", name)


def draw_quality(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """The quality; grey where own sampling stands in its place."""
    row = layout.row()
    row.active = not settings.has_own_sampling
    row.prop(settings, "quality")


def draw_compare(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """The button that compares, and which choices it leaves aside."""
    layout.operator("text3d.compare", icon="MOD_MIRROR")
    if settings.count > 1 or settings.has_own_sampling:
        layout.label(text="One of each, sampled as the quality says", icon="INFO")
