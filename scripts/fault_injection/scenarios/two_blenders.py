# SPDX-License-Identifier: GPL-3.0-or-later
"""Two Blenders, of two versions where there are, on one jobs folder: each object stands in one scene of both."""

import time
from dataclasses import replace
from functools import partial

from blender_text3d.client import recovery
from blender_text3d.protocol.job_folder import JobFolder

from ..child.clock_patch import CLOCK, JUMPS
from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import HANG_S
from ..random_moments import STAGES
from .blender_killed import blender, line_with, said_by, said_by_next
from .concurrent_processes import all_said, program

FOLLOWER = CHILDREN / "follow_process.py"


def offered_to_both(round_: Round) -> None:
    """Both hold the same two objects, and press Import at the same moment."""
    jobs_dir = round_.folder / "home" / "jobs"
    all_said([program(round_, str(FOLLOWER), str(jobs_dir), str(round_.bench.python), "0", "1")])
    jobs = {job.job_id for job in recovery.job_folders(jobs_dir)}
    both = [blender(one, "share") for one in (round_, other(round_))]
    for process in both:
        line_with(process, "ready")
    round_.chance.shuffle(both)
    for process in both:
        time.sleep(round_.chance.uniform(0, 0.02))
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [said_by(process) for process in both]
    require(all(set(one["offered"]) == jobs for one in said), f"not both were offered {jobs}: {said}")
    scenes = [set(one["standing"]) for one in said]
    require(sorted([*scenes[0], *scenes[1]]) == sorted(jobs), f"the scenes hold {scenes}")
    third = said_by_next(round_)
    require(not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}")


def one_makes_and_one_looks(round_: Round, clock: str = "") -> None:
    """The second one gets what the first one asked for only where that was killed before it brought it in."""
    watcher = blender(other(round_), "watch", **{CLOCK: clock})
    line_with(watcher, "ready")
    maker = blender(round_, "make", round_.chance.choice(tuple(STAGES)), "5", **{CLOCK: clock})
    job = JobFolder(round_.folder / "home" / "jobs" / line_with(maker, "job"))
    has_been_killed = round_.chance.random() < 0.5
    if has_been_killed:
        while line_with(maker, "stage") != "finished":
            pass
        time.sleep(round_.chance.uniform(0, 0.5))
        maker.kill()
        maker.wait()
    else:
        require(set(said_by(maker)["standing"]) == {job.job_id}, "the maker lacks its own object")
    is_the_first_ones = job.is_imported()
    wait_until_imported(job)
    seen = set(said_by(watcher, "enough\n")["standing"])
    require(seen == (set() if is_the_first_ones else {job.job_id}), f"of {job.job_id} the watcher has {seen}")


def wait_until_imported(job: JobFolder) -> None:
    """Until it is in somebody's scene."""
    give_up = time.monotonic() + HANG_S
    while not job.is_imported():
        require(time.monotonic() < give_up, "nobody brought the object in")
        time.sleep(0.05)


def other(round_: Round) -> Round:
    """The same with the next Blender."""
    return replace(round_, number=round_.number + 1)


FAULTS = [
    Fault("Crowd: two Blenders import the same objects at once", offered_to_both, is_dear=True, needs="bpy"),
    Fault("Crowd: a Blender takes all that is offered, another makes it", one_makes_and_one_looks, True, needs="bpy"),
    Fault(
        "Clock: jumps in two Blenders, one looks while the other makes",
        partial(one_makes_and_one_looks, clock=JUMPS),
        is_dear=True,
        needs="bpy",
    ),
]
