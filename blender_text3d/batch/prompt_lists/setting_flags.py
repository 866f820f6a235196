# SPDX-License-Identifier: GPL-3.0-or-later
"""Command-line flags of the settings of a request, made from their descriptions."""

import argparse
from collections.abc import Iterable
from typing import Any

from ...protocol.request import DEFAULTS, SETTINGS
from ...protocol.validation import Choice, Flag, FloatRange, IntRange
from .real_size import size

BLEND_SETTINGS = ("max_faces", "is_flat")
"""Settings that affect objects in Blender and no exported file."""


def add_setting_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every setting that has one, and its hidden aliases."""
    for name in setting_names():
        setting, default = SETTINGS[name], DEFAULTS[name]
        (flag, *aliases), parsing = setting.flags, parsing_of(name)
        text = f"{setting.help} (%(default)s)" if default else setting.help
        parser.add_argument(flag, dest=name, default=default, help=text, **parsing)
        for alias in aliases:
            parser.add_argument(alias, dest=name, default=argparse.SUPPRESS, help=argparse.SUPPRESS, **parsing)


def flag_values(options: argparse.Namespace) -> dict[str, Any]:
    """Return the parsed values of the flags of `add_setting_flags` by setting."""
    return {name: getattr(options, name) for name in setting_names()}


def changed_flags(options: argparse.Namespace, names: Iterable[str]) -> list[str]:
    """Return the flags of settings whose values are not the defaults."""
    return [SETTINGS[name].flags[0] for name in names if getattr(options, name) != DEFAULTS[name]]


def setting_names() -> list[str]:
    """Return the settings that have a flag."""
    return [name for name, setting in SETTINGS.items() if setting.flags]


def parsing_of(name: str) -> dict[str, Any]:
    """Return the arguments of `add_argument` that parse a setting; text is checked by the request."""
    allowed = SETTINGS[name].allowed
    if name == "size_m":
        return {"type": size}
    if isinstance(allowed, Flag):
        return {"action": argparse.BooleanOptionalAction}
    if isinstance(allowed, Choice) and isinstance(allowed.values[0], int):
        return {"type": int, "choices": allowed.values}
    return {"type": int if isinstance(allowed, IntRange) else float if isinstance(allowed, FloatRange) else str}
