# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of model and sampling, by Blender's own means: files that can be shared."""

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

FOLDER = "text3d"
PROPERTIES = (
    "model", "quality", "outputs", "has_own_sampling", "steps", "guidance", "grid", "turn", "count",
)  # fmt: skip
"""Settings that say how to generate. Prompt, image, seed, size and device belong to an object or a machine."""


class TEXT3D_PT_presets(PresetPanel, bpy.types.Panel):
    """Menu of presets in the header of the main panel."""

    bl_label = "Generation Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "text3d.add_preset"


class TEXT3D_OT_add_preset(AddPresetBase, bpy.types.Operator):
    """Save model and sampling as a preset, or remove the chosen one"""

    bl_idname = "text3d.add_preset"
    bl_label = "Add Generation Preset"
    preset_menu = "TEXT3D_PT_presets"
    preset_subdir = FOLDER
    preset_defines = ("settings = bpy.context.scene.text3d",)
    preset_values = tuple(f"settings.{name}" for name in PROPERTIES)


CLASSES = (TEXT3D_PT_presets, TEXT3D_OT_add_preset)
