# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk is full at each write of Blender itself: new jobs, the cancel file, the import's claim and its mark."""

import json
from functools import partial
from pathlib import Path

from blender_text3d.protocol.job_folder import JobFolder

from ..fault import CHILDREN, Fault, Round, require
from ..harness import digest, make_request
from .blender_killed import blender, said_by_next

SIDE = CHILDREN / "failing_blender.py"
TIMEOUT_S = 900
REFUSED = "Free some space"


def each_write_fails(round_: Round, act: str) -> str:
    """One round: all of them, for one write or from then on; gives how many there are."""
    jobs_dir, stays = round_.folder / "home" / "jobs", round_.number % 2
    process = blender(round_, act, str(stays), str(jobs_dir), str(round_.folder / "plans"), side=SIDE)
    out, errors = process.communicate(timeout=TIMEOUT_S)
    said = [json.loads(line) for line in out.splitlines() if line.startswith('{"at"')]
    require(process.returncode == 0 and said and "Traceback" not in errors, f"Blender said {said} and {errors[-2000:]}")
    for one in said:
        came_out_well(round_, one, jobs_dir, act)
    require(said[-1]["end"] == ("finished" if act == "make" else "cancelled"), f"nothing failed, and yet: {said[-1]}")
    next_one, third = said_by_next(round_), said_by_next(round_)
    require(
        not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}; the next {next_one}"
    )
    return f"{said[-1]['count']} writes"


def came_out_well(round_: Round, one: dict, jobs_dir: Path, act: str) -> None:
    """See that a press of Generate ended in a sentence or in its object.

    Raises:
        Lost: It did not.
    """
    is_made, expected = one["end"] == "finished", round_.bench.expected(make_request())
    if one["end"] == "refused":
        require(REFUSED in one["told"], f"refused with {one}")
    elif is_made:
        require(
            one["stands"] and digest(JobFolder(jobs_dir / one["job"])) == expected, f"the object is not there: {one}"
        )
    else:
        require(one["end"] == "cancelled" and act == "cancel", f"it ended as {one}")


FAULTS = [
    Fault(f"Disk: full at each write of Blender, {act}", partial(each_write_fails, act=act), is_dear=True, needs="bpy")
    for act in ("make", "cancel")
]
