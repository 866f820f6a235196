# SPDX-License-Identifier: GPL-3.0-or-later
"""What mends the worker's Python: ours is repaired or made anew by a button, one that the user named is theirs."""

from ..environment.installers.torch_build import BUILDS
from .context import Context

RUN = "python -m blender_text3d.environment"
WAYS = {
    "repair": f"Press Check and Repair, or run `{RUN} repair`.",
    "renew": f"Press Set Up Again, or run `{RUN} renew`.",
}
OWN = "Install its packages again, or choose another Worker Python in the preferences, or none."
LABELS = {name: label for name, label, _ in BUILDS}


def fix_for(case: Context, button: str) -> tuple[str, str]:
    """What to do, and the button that does it.

    Args:
        case: Whose Python.
        button: One of WAYS, for an environment of ours.
    """
    return (OWN, "preferences") if case.own_python else (WAYS[button], button)


def build_fix(case: Context, build: str, *as_well: str) -> tuple[str, str]:
    """How another build of PyTorch comes, as the end of a sentence, and the button that leads there.

    Args:
        case: Whose Python.
        build: As the preferences name it.
        as_well: Other choices that come to the same on this machine.
    """
    if case.own_python:
        return "install such a PyTorch in the Python that you named, or leave Worker Python empty", "preferences"
    if case.blender.get("torch") in (build, *as_well):
        return "press Set Up Again", "renew"
    choose = f"choose {LABELS[build]} as PyTorch in the preferences and press Set Up Again"
    return choose if case.blender else f"run `{RUN} renew --torch {build}`, or {choose}", "preferences"
