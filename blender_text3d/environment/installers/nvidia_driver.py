# SPDX-License-Identifier: GPL-3.0-or-later
"""Query NVIDIA's driver, and decide whether PyTorch's build for CUDA 13 supports the graphics cards.

Source: CUDA 13 runs on compute capability 7.5 (GTX 16, RTX 20) and up with a driver from 580 on; PyTorch's build for
CUDA 12.6 has kernels for 5.0 to 9.0 and runs with drivers from 525 on (https://github.com/pytorch/pytorch/issues/190385
and 172352; NVIDIA's table of CUDA minor version compatibility).
"""

import re
import subprocess
from typing import NamedTuple

from ...system.run_logged import clean_environment

MIN_CAPABILITY, MIN_DRIVER = 7.5, 580
MIN_CAPABILITY_WITHOUT_CUDA_12 = 10.0
QUERY = ("nvidia-smi", "--query-gpu=compute_cap,driver_version", "--format=csv,noheader")
UNKNOWN_FIELD = "not a valid field"  # drivers before 510 do not know compute_cap
TIMEOUT_S = 20


class Card(NamedTuple):
    """A graphics card.

    Attributes:
        capability: Compute capability, 8.6.
        driver: Major version of its driver, 580.
    """

    capability: float
    driver: int


def query_driver() -> list[Card] | None:
    """Return the graphics cards, or None if the driver does not respond. Takes up to seconds."""
    try:
        result = subprocess.run(
            QUERY, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, stdin=subprocess.DEVNULL,
            env=clean_environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_cards(result.stdout)


def parse_cards(text: str) -> list[Card] | None:
    """Return the cards in the output of nvidia-smi; a driver too old for the query counts as one unknown old card."""
    if UNKNOWN_FIELD in text:
        return [Card(0.0, 0)]
    rows = re.findall(r"^\s*(\d+\.\d+)\s*,\s*(\d+)\.", text, re.MULTILINE)
    return [Card(float(capability), int(driver)) for capability, driver in rows] or None


def needs_older_cuda(cards: list[Card] | None) -> bool:
    """True if the best card is supported by PyTorch's build for CUDA 12.6, but not by that for CUDA 13."""
    if not cards:
        return False
    best = max(cards)
    is_supported = best.capability >= MIN_CAPABILITY and best.driver >= MIN_DRIVER
    return not is_supported and best.capability < MIN_CAPABILITY_WITHOUT_CUDA_12
