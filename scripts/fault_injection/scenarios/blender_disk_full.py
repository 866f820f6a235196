# SPDX-License-Identifier: GPL-3.0-or-later
"""A full disk at each write of Blender itself: new jobs, the cancel file, the claim and the mark of an import."""

import json
from functools import partial
from pathlib import Path

from blender_text3d.protocol.job_folder import JobFolder

from ..fault import CHILDREN, Fault, Round, require
from ..harness import digest, make_request
from .blender_killed import blender, next_blender_report

PROGRAM = CHILDREN / "failing_blender.py"
TIMEOUT_S = 900
REFUSED = "Free some space"


def each_write_fails(round_: Round, action: str) -> str:
    """Run one round over all writes, where one or all later ones fail; returns the number of writes."""
    jobs_dir, is_permanent = round_.folder / "home" / "jobs", round_.number % 2
    process = blender(round_, action, str(is_permanent), str(jobs_dir), str(round_.folder / "plans"), side=PROGRAM)
    out, errors = process.communicate(timeout=TIMEOUT_S)
    reports = [json.loads(line) for line in out.splitlines() if line.startswith('{"at"')]
    require(
        process.returncode == 0 and reports and "Traceback" not in errors,
        f"Blender reports {reports} and {errors[-2000:]}",
    )
    for report in reports:
        check_outcome(round_, report, jobs_dir, action)
    require(
        reports[-1]["end"] == ("finished" if action == "make" else "cancelled"),
        f"nothing failed, and yet: {reports[-1]}",
    )
    next_one, third = next_blender_report(round_), next_blender_report(round_)
    require(
        not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}; the next {next_one}"
    )
    return f"{reports[-1]['count']} writes"


def check_outcome(round_: Round, report: dict, jobs_dir: Path, action: str) -> None:
    """Check that generating ended with a message or with the object.

    Raises:
        InvariantViolated: It did not.
    """
    is_made, expected = report["end"] == "finished", round_.harness.expected(make_request())
    if report["end"] == "refused":
        require(REFUSED in report["message"], f"refused with {report}")
    elif is_made:
        require(
            report["is_imported"] and digest(JobFolder(jobs_dir / report["job"])) == expected,
            f"the object is not there: {report}",
        )
    else:
        require(report["end"] == "cancelled" and action == "cancel", f"it ended as {report}")


FAULTS = [
    Fault(
        f"Disk: full at each write of Blender, {action}",
        partial(each_write_fails, action=action),
        is_slow=True,
        needs="bpy",
    )
    for action in ("make", "cancel")
]
