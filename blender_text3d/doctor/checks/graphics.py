# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect graphics cards and their drivers from the system's files, without PyTorch."""

import os
import shutil
from pathlib import Path

VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
DISPLAY_CLASS = "0x03"


def card_vendors(root: Path = Path("/")) -> set[str]:
    """Return the vendors of the graphics cards: "NVIDIA", "AMD", "Intel", "other"; empty if unknown.

    Args:
        root: Root of the file system.
    """
    found = set()
    for device in (root / "sys/bus/pci/devices").glob("*"):
        if _text(device / "class").startswith(DISPLAY_CLASS):
            found.add(VENDORS.get(_text(device / "vendor"), "other"))
    if has_nvidia_driver(root):
        found.add("NVIDIA")
    return found


def has_nvidia_driver(root: Path = Path("/")) -> bool:
    """True if NVIDIA's driver is running."""
    if (root / "proc/driver/nvidia/version").exists():
        return True
    return os.name == "nt" and bool(shutil.which("nvidia-smi"))


def has_amd_driver(root: Path = Path("/")) -> bool:
    """True if there is an AMD card with the part of its driver that ROCm needs; only on Linux."""
    return "AMD" in card_vendors(root) and (root / "dev/kfd").exists()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
