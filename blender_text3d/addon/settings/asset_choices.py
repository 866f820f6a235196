# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences of assets as plain values: library folder, author and license."""

from pathlib import Path
from typing import Any, NamedTuple

import bpy

from .choices import ADDON, absolute

NO_LICENSE, CC0, CC_BY, CUSTOM = "NONE", "CC0", "CC_BY", "CUSTOM"
LICENSE_ITEMS = (
    (NO_LICENSE, "Not Stated", "Leave the license of assets empty", 0),
    (CC0, "CC0 1.0", "Public domain: anyone may use the asset for anything", 1),
    (CC_BY, "CC BY 4.0", "Anyone may use the asset who names its author", 2),
    (CUSTOM, "Custom", "The license in the field below", 3),
)
LICENSES = {NO_LICENSE: "", CC0: "CC0-1.0", CC_BY: "CC-BY-4.0"}
"""The SPDX identifiers of the licenses."""


class AssetChoices(NamedTuple):
    """The preferences of assets.

    Attributes:
        folder: The library folder, or None.
        author: Name of the author, or "".
        license: Text of the license field, or "".
    """

    folder: Path | None = None
    author: str = ""
    license: str = ""


def stored_preferences() -> Any:
    """Return the add-on's preferences, or None if Blender has none, as when a script registered the add-on."""
    entry = bpy.context.preferences.addons.get(ADDON)
    return entry.preferences if entry else None


def asset_choices() -> AssetChoices:
    """Return the preferences of assets, or their defaults."""
    stored = stored_preferences()
    if stored is None:
        return AssetChoices()
    named = LICENSES.get(stored.asset_license)
    return AssetChoices(
        absolute(stored.asset_folder),
        stored.asset_author.strip(),
        stored.asset_license_text.strip() if named is None else named,
    )
