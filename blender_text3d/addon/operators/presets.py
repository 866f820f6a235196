# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that saves model and sampling as a preset of Blender's: a file that can be shared."""

import bpy
from bl_operators.presets import AddPresetBase

FOLDER = "text3d"
PROPERTIES = (
    "model", "quality", "outputs", "has_own_sampling", "steps", "guidance", "grid", "turn", "count",
    "face_budget", "face_count",
)  # fmt: skip
"""Settings that say how to generate. Prompt, image, seed, size and device belong to an object or a machine."""


class TEXT3D_OT_add_preset(AddPresetBase, bpy.types.Operator):
    """Save model and sampling as a preset, or remove the chosen one"""

    bl_idname = "text3d.add_preset"
    bl_label = "Add Generation Preset"
    preset_menu = "TEXT3D_PT_presets"
    preset_subdir = FOLDER
    preset_defines = ("settings = bpy.context.scene.text3d",)
    preset_values = tuple(f"settings.{name}" for name in PROPERTIES)


CLASSES = (TEXT3D_OT_add_preset,)
