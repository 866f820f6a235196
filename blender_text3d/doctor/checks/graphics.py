# SPDX-License-Identifier: GPL-3.0-or-later
"""Which graphics cards the machine has, as the system says it, and whether NVIDIA's driver runs. Asks no torch."""

import os
import shutil
from pathlib import Path

VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
DISPLAY_CLASS = "0x03"


def cards(root: Path = Path("/")) -> set[str]:
    """Makers of the graphics cards: of "NVIDIA", "AMD", "Intel". Empty where the system does not tell.

    Args:
        root: Where the system's files are.
    """
    found = set()
    for device in (root / "sys/bus/pci/devices").glob("*"):
        if _text(device / "class").startswith(DISPLAY_CLASS):
            found.add(VENDORS.get(_text(device / "vendor"), "other"))
    if has_nvidia_driver(root):
        found.add("NVIDIA")
    return found


def has_nvidia_driver(root: Path = Path("/")) -> bool:
    """Whether NVIDIA's driver is at work."""
    if (root / "proc/driver/nvidia/version").exists():
        return True
    return os.name == "nt" and bool(shutil.which("nvidia-smi"))


def has_amd_driver(root: Path = Path("/")) -> bool:
    """Whether an AMD card is there with the part of its driver that ROCm needs; Linux alone has it."""
    return "AMD" in cards(root) and (root / "dev/kfd").exists()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
