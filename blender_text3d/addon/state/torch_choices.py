# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch builds that are not available on this machine, with one sentence on each. No bpy."""

import os
import sys

from ...environment.installers.torch_build import BUILDS, OWN

LABELS = {name: label for name, label, _ in BUILDS}
MAC_BUILDS = ("auto", "default", OWN)


def build_problem(torch: str, index: str) -> str:
    """Return why Set Up cannot install a build, or "".

    Args:
        torch: The build's name in the preferences.
        index: Package index of the build "own".
    """
    if torch == OWN:
        return _index_problem(index)
    if sys.platform == "darwin" and torch not in MAC_BUILDS:
        return f"{LABELS[torch]} is not available on macOS. PyTorch has one build there, for the Apple GPU and the CPU."
    if sys.platform != "linux" and torch.startswith("rocm"):
        return f"{LABELS[torch]} is only available on Linux."
    return ""


def _index_problem(index: str) -> str:
    if not index:
        return "PyTorch Index is empty in the preferences, but PyTorch is set to a custom index."
    if "://" not in index and not os.path.isdir(index):
        return f"PyTorch index {index} is neither an existing folder nor a URL such as https://my.index/simple."
    return ""
