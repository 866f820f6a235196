# SPDX-License-Identifier: GPL-3.0-or-later
"""Choices of PyTorch's build that cannot be had on this machine, each explained in a sentence. No bpy."""

import os
import sys

from ...environment.installers.torch_build import BUILDS, OWN

LABELS = {name: label for name, label, _ in BUILDS}
MAC_BUILDS = ("auto", "default", OWN)


def build_problem(torch: str, index: str) -> str:
    """Why Set Up cannot take a build; "" where it can.

    Args:
        torch: The build, as the preferences name it.
        index: Where the build "own" comes from.
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
