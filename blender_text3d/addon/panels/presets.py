# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of presets of model and sampling."""

import bpy
from bl_ui.utils import PresetPanel

from ..operators.presets import FOLDER


class TEXT3D_PT_presets(PresetPanel, bpy.types.Panel):
    """Menu of presets in the header of the main panel."""

    bl_label = "Generation Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "text3d.add_preset"


CLASSES = (TEXT3D_PT_presets,)
