# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving a file or folder that somebody looks at: Windows refuses that, and a virus scanner looks at what is new."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

RETRY_FOR_S = 2.0
RETRY_EVERY_S = 0.02


def replace_with_retry(source: Path, target: Path, move: Callable[[Path, Path], object] = os.replace) -> None:
    """Give a file or folder another name; on Windows again and again, while nobody else closes it.

    Raises:
        OSError: It cannot be done; on Windows after RETRY_FOR_S.
    """
    give_up = time.monotonic() + (RETRY_FOR_S if sys.platform == "win32" else 0.0)
    while True:
        try:
            move(source, target)
            return
        except PermissionError:
            if time.monotonic() >= give_up:
                raise
            time.sleep(RETRY_EVERY_S)
