# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of operators. If one is not met, its message tells why the button is grayed out."""

from typing import Any

import bpy


def is_met(operator: Any, condition: object, message: str) -> bool:
    """Return True if the condition is true, else set the operator's poll message."""
    if not condition:
        operator.poll_message_set(message)
    return bool(condition)


def is_in_object_mode(operator: Any, context: bpy.types.Context) -> bool:
    """Return True in Object Mode, else set the operator's poll message."""
    return is_met(operator, context.mode == "OBJECT", "Requires Object Mode")


def has_window(operator: Any) -> bool:
    """Return True unless Blender runs in the background, else set the operator's poll message."""
    return is_met(operator, not bpy.app.background, "Requires a window")
