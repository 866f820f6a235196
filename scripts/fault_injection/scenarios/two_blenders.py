# SPDX-License-Identifier: GPL-3.0-or-later
"""Two Blenders, of two versions if available, share a jobs folder: each object is imported into one scene."""

import time
from dataclasses import replace
from functools import partial

from blender_text3d.client import recovery
from blender_text3d.protocol.job_folder import JobFolder

from ..child.clock_patch import CLOCK, JUMPS
from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import HANG_S
from ..random_moments import STAGES
from .blender_killed import blender, next_blender_report, read_value, report_of
from .concurrent_processes import outputs_of, program

FOLLOWER = CHILDREN / "follow_process.py"


def both_import(round_: Round) -> None:
    """Both are offered the same two objects and import them at the same moment."""
    jobs_dir = round_.folder / "home" / "jobs"
    outputs_of([program(round_, str(FOLLOWER), str(jobs_dir), str(round_.harness.python), "0", "1")])
    jobs = {job.job_id for job in recovery.job_folders(jobs_dir)}
    both = [blender(turn, "share") for turn in (round_, other(round_))]
    for process in both:
        read_value(process, "ready")
    round_.rng.shuffle(both)
    for process in both:
        time.sleep(round_.rng.uniform(0, 0.02))
        process.stdin.write("go\n")
        process.stdin.flush()
    reports = [report_of(process) for process in both]
    require(
        all(set(report["offered"]) == jobs for report in reports), f"not both Blenders were offered {jobs}: {reports}"
    )
    scenes = [set(report["imported"]) for report in reports]
    require(sorted([*scenes[0], *scenes[1]]) == sorted(jobs), f"the scenes hold {scenes}")
    third = next_blender_report(round_)
    require(not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}")


def one_generates_one_imports(round_: Round, clock: str = "") -> None:
    """The second Blender imports the object only if the first one was killed before it did."""
    watcher = blender(other(round_), "watch", **{CLOCK: clock})
    read_value(watcher, "ready")
    maker = blender(round_, "make", round_.rng.choice(tuple(STAGES)), "5", **{CLOCK: clock})
    job = JobFolder(round_.folder / "home" / "jobs" / read_value(maker, "job"))
    has_been_killed = round_.rng.random() < 0.5
    if has_been_killed:
        while read_value(maker, "stage") != "finished":
            pass
        time.sleep(round_.rng.uniform(0, 0.5))
        maker.kill()
        maker.wait()
    else:
        require(set(report_of(maker)["imported"]) == {job.job_id}, "the first Blender has not imported its own object")
    is_the_first_ones = job.is_imported()
    wait_until_imported(job)
    seen = set(report_of(watcher, "enough\n")["imported"])
    require(seen == (set() if is_the_first_ones else {job.job_id}), f"of {job.job_id} the watcher imported {seen}")


def wait_until_imported(job: JobFolder) -> None:
    """Wait until one of the Blenders has imported the object."""
    give_up = time.monotonic() + HANG_S
    while not job.is_imported():
        require(time.monotonic() < give_up, "the object was not imported")
        time.sleep(0.05)


def other(round_: Round) -> Round:
    """Return the same round with the next Blender."""
    return replace(round_, number=round_.number + 1)


FAULTS = [
    Fault("Crowd: two Blenders import the same objects at once", both_import, is_slow=True, needs="bpy"),
    Fault(
        "Crowd: one Blender imports what another generates",
        one_generates_one_imports,
        True,
        needs="bpy",
    ),
    Fault(
        "Clock: jumps in two Blenders, one imports while the other generates",
        partial(one_generates_one_imports, clock=JUMPS),
        is_slow=True,
        needs="bpy",
    ),
]
