# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting: the description of one job setting, from which the command line and the panel are derived."""

from collections.abc import Mapping
from dataclasses import MISSING, field
from types import MappingProxyType
from typing import Any, NamedTuple

from .validation import Constraint


class Setting(NamedTuple):
    """Description of one field of a request.

    Attributes:
        name: Noun in error messages.
        allowed: The accepted values, or None if the request checks the field against others.
        flags: Command-line flags; all but the first are hidden aliases of older versions. None: no flag.
        help: Help text of the flag.
        property: Property of the panel, whose name .blend files store; "" if the panel has none or treats it specially.
        label: Name in the panel; "" if addon/settings/properties.py declares the property itself.
        description: Tooltip in the panel.
        ui: Further arguments of the panel's property, such as soft_max.
        is_scene_only: True if it changes the imported object only, not the files in the job folder.
    """

    name: str
    allowed: Constraint | None = None
    flags: tuple[str, ...] = ()
    help: str = ""
    property: str = ""
    label: str = ""
    description: str = ""
    ui: Mapping[str, Any] = MappingProxyType({})
    is_scene_only: bool = False


def setting(default: Any = MISSING, **description: Any) -> Any:
    """Return a dataclass field with a `Setting` of these attributes as metadata."""
    return field(default=default, metadata={"setting": Setting(**description)})
