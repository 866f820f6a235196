# SPDX-License-Identifier: GPL-3.0-or-later
"""What NVIDIA's driver says of the cards, and whether PyTorch's build for CUDA 13 can use them.

Source: CUDA 13 runs on compute capability 7.5 (GTX 16, RTX 20) and up with a driver from 580 on; PyTorch's build for
CUDA 12.6 has kernels for 5.0 to 9.0 and runs with drivers from 525 on (https://github.com/pytorch/pytorch/issues/190385
and 172352; NVIDIA's table of CUDA minor version compatibility).
"""

import re
import subprocess
from typing import NamedTuple

from ...system.run_logged import clean_environment

MIN_CAPABILITY, MIN_DRIVER = 7.5, 580
TOO_NEW_FOR_OLDER = 10.0
ASK = ("nvidia-smi", "--query-gpu=compute_cap,driver_version", "--format=csv,noheader")
NO_SUCH_FIELD = "not a valid field"  # drivers before 510 do not know compute_cap
PATIENCE_SECONDS = 20


class Card(NamedTuple):
    """A card's compute capability and its driver's major version, (8.6, 580)."""

    capability: float
    driver: int


def ask_driver() -> list[Card] | None:
    """The cards; None where the driver does not answer. Takes up to seconds."""
    try:
        ended = subprocess.run(
            ASK, capture_output=True, text=True, errors="replace", timeout=PATIENCE_SECONDS, stdin=subprocess.DEVNULL,
            env=clean_environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return cards_in(ended.stdout)


def cards_in(text: str) -> list[Card] | None:
    """The cards in nvidia-smi's answer; a driver too old to know the question counts as one of an unknown old card."""
    if NO_SUCH_FIELD in text:
        return [Card(0.0, 0)]
    rows = re.findall(r"^\s*(\d+\.\d+)\s*,\s*(\d+)\.", text, re.MULTILINE)
    return [Card(float(capability), int(driver)) for capability, driver in rows] or None


def needs_older_cuda(cards: list[Card] | None) -> bool:
    """Whether the build for CUDA 12.6 serves where that for CUDA 13 does not; the best card counts."""
    if not cards:
        return False
    best = max(cards)
    is_new = best.capability >= MIN_CAPABILITY and best.driver >= MIN_DRIVER
    return not is_new and best.capability < TOO_NEW_FOR_OLDER
