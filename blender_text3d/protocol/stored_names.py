# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that differ between the code and what is stored: job folders, --json lines and recipes of objects.

The stored names belong to a public interface and stay; both are accepted when reading.
"""

from typing import Any

STORED_NAMES = {"rotation_deg": "turn_deg", "max_faces": "most_faces", "total": "of"}
"""Stored name by name in the code."""
CODE_NAMES = {stored: name for name, stored in STORED_NAMES.items()}


def to_stored(values: dict[str, Any]) -> dict[str, Any]:
    """Return values under the names that are stored."""
    return {STORED_NAMES.get(name, name): value for name, value in values.items()}


def from_stored(values: dict[str, Any]) -> dict[str, Any]:
    """Return stored values under the names that the code uses."""
    return {CODE_NAMES.get(name, name): value for name, value in values.items()}
