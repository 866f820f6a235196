# SPDX-License-Identifier: GPL-3.0-or-later
"""Data that exist only while objects are exported, and their names."""

from typing import Any

import bpy

RESERVED_NAME = ".text3d_exported"


class Copying:
    """The data that was made, to remove it, and the names that were borrowed, to give them back."""

    def __init__(self) -> None:
        self.made: list[bpy.types.ID] = []
        self.borrowed: list[tuple[bpy.types.ID, str]] = []
        self.materials: dict[bpy.types.Material, bpy.types.Material] = {}

    def keep(self, made: Any, original: Any, name: str) -> Any:
        """Give new data the name of an original, which is renamed for the time being."""
        self.made.append(made)
        if original not in (None, made) and original.library is None and original.name == name:
            self.borrowed.append((original, name))
            original.name = RESERVED_NAME
        made.name = name
        return made

    def material(self, original: bpy.types.Material) -> bpy.types.Material:
        """Return the copy of a material, the same one each time."""
        if original not in self.materials:
            name = original.name
            self.materials[original] = self.keep(original.copy(), original, name)
        return self.materials[original]

    def undo(self) -> None:
        """Remove what was made, and restore the names."""
        bpy.data.batch_remove(list(dict.fromkeys(self.made)))
        for original, name in self.borrowed:
            original.name = name
