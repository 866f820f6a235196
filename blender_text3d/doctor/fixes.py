# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixes for the worker's Python: buttons for the environment of Set Up, instructions for a Python override."""

from ..environment.installers.torch_build import BUILDS
from .context import Context

RUN = "python -m blender_text3d.environment"
ENVIRONMENT_FIXES = {
    "repair": f"Press Check and Repair, or run `{RUN} repair`.",
    "renew": f"Press Set Up Again, or run `{RUN} renew`.",
}
OVERRIDE_FIX = "Reinstall its packages, or change or clear Python Override in the preferences."
BUILD_LABELS = {name: label for name, label, _ in BUILDS}


def fix_for(context: Context, button: str) -> tuple[str, str]:
    """Return a fix for the worker's Python, and the button that applies it.

    Args:
        context: The context of the check.
        button: A key of ENVIRONMENT_FIXES, unless a Python override is used.
    """
    return (OVERRIDE_FIX, "preferences") if context.own_python else (ENVIRONMENT_FIXES[button], button)


def build_fix(context: Context, build: str, *equivalent: str) -> tuple[str, str]:
    """Return how to install another PyTorch build, as the end of a sentence, and the button for it.

    Args:
        context: The context of the check.
        build: Name of the build in the preferences.
        equivalent: Other choices that select the same build on this machine.
    """
    if context.own_python:
        return "install such a PyTorch in the Python override, or clear Python Override", "preferences"
    if context.blender.get("torch") in (build, *equivalent):
        return "press Set Up Again", "renew"
    choose = f"choose {BUILD_LABELS[build]} as PyTorch in the preferences and press Set Up Again"
    return choose if context.blender else f"run `{RUN} renew --torch {build}`, or {choose}", "preferences"
