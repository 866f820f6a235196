# SPDX-License-Identifier: GPL-3.0-or-later
"""Into: where a result goes, as a new object or as a new version of the active one."""

NEW, REPLACE = "NEW", "REPLACE"
INTO_ITEMS = (
    (NEW, "New", "Add a new object", 0),
    (REPLACE, "Replace Active", "Add a version to the active generated object, which keeps its transform, parent, "
     "modifiers and materials. Older versions stay in the file", 1),
)  # fmt: skip
"""Enum items; .blend files store their numbers."""
INTO_TEXTS = {"name": "Into", "description": "Where the result goes"}
