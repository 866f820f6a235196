# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of the 3D viewport: Ctrl Return generates an object, [ and ] show the versions of the active one.

No key cancels: artists press Esc for other things all day. Blender asks an operator's poll before it takes a key, so
the brackets select parents and children as usual while the active object has no versions.
"""

from typing import Any

import bpy

KEYS: tuple[tuple[str, str, str, str, bool], ...] = (
    ("3D View", "VIEW_3D", "text3d.generate", "RET", True),
    ("Object Mode", "EMPTY", "text3d.previous_version", "LEFT_BRACKET", False),
    ("Object Mode", "EMPTY", "text3d.next_version", "RIGHT_BRACKET", False),
)
"""Key map, its space, operator, key, and whether Ctrl is held."""

_added: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def add() -> None:
    """Add the keys."""
    keyconfig: Any = bpy.context.window_manager.keyconfigs.addon
    if keyconfig is None:
        return
    for name, space, operator, key, ctrl in KEYS:
        keymap = keyconfig.keymaps.new(name=name, space_type=space)
        _added.append((keymap, keymap.keymap_items.new(operator, key, "PRESS", ctrl=ctrl)))


def remove() -> None:
    """Remove the keys."""
    while _added:
        keymap, item = _added.pop()
        keymap.keymap_items.remove(item)
