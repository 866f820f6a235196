# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of Blender is set back by days, or jumps: its jobs are offered, however many later ones there are.

The worker's own clock is in slowness.py.
"""

import time
from pathlib import Path

from ..child.clock_patch import JUMPS
from ..fault import Fault, Round
from ..random_moments import WAKE
from .blender_killed import kill_blender

LATER_JOBS = 250
"""More than a look for offers goes through."""
DAY_S = 86_400
STAGES_OF_ALL = (WAKE, "load", "mesh", "finished", "imported")


def set_back(round_: Round) -> str:
    """One round: the clock of the Blender that is killed is wrong; that of the next one by chance, too."""
    fill(round_.folder / "home" / "jobs", LATER_JOBS)
    days = round_.chance.choice((1, 30, 400))
    clock, stage = str(-days * DAY_S), round_.chance.choice(STAGES_OF_ALL)
    kill_blender(round_, stage, clock, round_.chance.choice(("", clock)))
    return f"{days} days"


def jumps(round_: Round) -> None:
    """One round: it jumps back and forth in the Blender that is killed, and in the next one."""
    kill_blender(round_, round_.chance.choice(STAGES_OF_ALL), JUMPS, JUMPS)


def fill(jobs_dir: Path, count: int) -> None:
    """Jobs of the right time, whose objects were brought in."""
    for number in range(count):
        folder = jobs_dir / f"{time.strftime('%Y%m%d-%H%M%S')}-a-red-chair-{number:06x}"
        folder.mkdir(parents=True)
        for name in ("request.json", "imported.json"):
            (folder / name).write_text("{}", encoding="utf-8")


FAULTS = [
    Fault("Clock: set back by days in Blender, killed in any stage", set_back, is_dear=True, needs="bpy"),
    Fault("Clock: jumps in Blender, killed in any stage", jumps, is_dear=True, needs="bpy"),
]
