# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of one process: as its environment says, it goes wrong by so many seconds, or jumps at every look."""

import os
import random
import time

CLOCK = "TEXT3D_FAULT_CLOCK"
JUMPS = "jumps"
JUMPS_S = (0, -5, -3600, -4e7, 3600)


def set_clock() -> None:
    """Before this process's own calls; nothing where its environment says nothing."""
    said, real, in_words = os.environ.get(CLOCK, ""), time.time, time.strftime
    if said:
        time.time = lambda: real() + (random.choice(JUMPS_S) if said == JUMPS else float(said))
        time.strftime = lambda form, when=None: in_words(form, time.localtime(time.time()) if when is None else when)
