# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl Return in the 3D viewport generates an object. No key cancels: artists press Esc for other things all day."""

import bpy

_added: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def add() -> None:
    """Add the key; Blender asks the operator's poll first."""
    keyconfig = bpy.context.window_manager.keyconfigs.addon
    if keyconfig is None:
        return
    keymap = keyconfig.keymaps.new(name="3D View", space_type="VIEW_3D")
    _added.append((keymap, keymap.keymap_items.new("text3d.generate", "RET", "PRESS", ctrl=True)))


def remove() -> None:
    """Remove the key."""
    while _added:
        keymap, item = _added.pop()
        keymap.keymap_items.remove(item)
