# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of Blender is set back by days, or jumps: its jobs are offered, however many later ones there are.

Faults of the worker's clock are in slow_disk.py.
"""

import time
from pathlib import Path

from ..child.clock_patch import JUMPS
from ..fault import Fault, Round
from ..random_moments import STARTUP
from .blender_killed import kill_blender

LATER_JOBS = 250
"""More jobs than one scan for finished jobs reads."""
DAY_S = 86_400
COMMON_STAGES = (STARTUP, "load", "mesh", "finished", "imported")


def set_back(round_: Round) -> str:
    """Run one round: the clock is wrong in the Blender that is killed, and sometimes in the next one."""
    fill(round_.folder / "home" / "jobs", LATER_JOBS)
    days = round_.rng.choice((1, 30, 400))
    clock, stage = str(-days * DAY_S), round_.rng.choice(COMMON_STAGES)
    kill_blender(round_, stage, clock, round_.rng.choice(("", clock)))
    return f"{days} days"


def jumps(round_: Round) -> None:
    """Run one round: the clock jumps back and forth in the Blender that is killed and in the next one."""
    kill_blender(round_, round_.rng.choice(COMMON_STAGES), JUMPS, JUMPS)


def fill(jobs_dir: Path, count: int) -> None:
    """Create jobs with the right time that were already imported."""
    for number in range(count):
        folder = jobs_dir / f"{time.strftime('%Y%m%d-%H%M%S')}-a-red-chair-{number:06x}"
        folder.mkdir(parents=True)
        for name in ("request.json", "imported.json"):
            (folder / name).write_text("{}", encoding="utf-8")


FAULTS = [
    Fault("Clock: set back by days in Blender, killed in any stage", set_back, is_slow=True, needs="bpy"),
    Fault("Clock: jumps in Blender, killed in any stage", jumps, is_slow=True, needs="bpy"),
]
