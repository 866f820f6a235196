# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong clock for one process: an environment variable sets its error in seconds, or makes it jump randomly."""

import os
import random
import time

CLOCK = "TEXT3D_FAULT_CLOCK"
JUMPS = "jumps"
JUMPS_S = (0, -5, -3600, -4e7, 3600)


def set_clock() -> None:
    """Patch the clock of this process if the environment variable is set."""
    value, real, real_strftime = os.environ.get(CLOCK, ""), time.time, time.strftime
    if value:
        time.time = lambda: real() + (random.choice(JUMPS_S) if value == JUMPS else float(value))
        time.strftime = lambda form, when=None: real_strftime(
            form, time.localtime(time.time()) if when is None else when
        )
