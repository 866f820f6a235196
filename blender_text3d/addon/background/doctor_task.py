# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's child process and its findings so far."""

from typing import Any

import bpy

from ...doctor.child import DoctorChild
from ...doctor.finding import BAD, Finding
from ..settings.choices import Choices
from .followed_child import FollowedChild


class DoctorTask(FollowedChild):
    """At most one run of the doctor.

    Attributes:
        findings: Results of the checks that are done.
        report: The text for an issue; "" before the doctor has ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self.report = ""

    def start(self, chosen: Choices, *, is_full: bool = False) -> None:
        """Start the checks, in place of those that run.

        Args:
            chosen: The preferences.
            is_full: True to generate a small object as well.

        Raises:
            OSError: The child cannot be started.
        """
        self.detach()
        child = DoctorChild(
            data_folder=str(chosen.jobs_dir.parent),
            python=str(chosen.own_python or ""),
            viewer=chosen.live_view_address,
            blender=blender_facts() | {"torch": chosen.torch},
            is_full=is_full,
        )
        self.follow(child)

    def read(self, child: DoctorChild) -> bool:
        """Read the findings. Return True if the child has ended, or its time is up."""
        has_ended = not child.is_alive() or child.is_late()  # checked first: its last line is then in the file
        self.findings[:] = child.findings()
        return has_ended

    def finish(self, child: DoctorChild) -> None:
        """Read the report, or add a finding if there is none; the findings of a stopped run stay."""
        if self.is_stopped:
            return
        self.report = child.report()
        if not self.report:
            self.findings.append(crash_finding(child, child.is_late()))
        child.stop()

    def detach(self) -> None:
        """End the child and drop all findings. The doctor changes nothing, so no work is lost."""
        if self.child is not None:
            self.child.stop()
            self.child.remove_output()
        self.findings.clear()
        self.report = ""
        super().detach()


def blender_facts() -> dict[str, Any]:
    """Return what only Blender knows."""
    return {
        "version": bpy.app.version_string,
        "online_access": bpy.app.online_access,
        "user_folder": bpy.utils.resource_path("USER"),
    }


def crash_finding(ended: DoctorChild, is_late: bool) -> Finding:
    """Return the finding for a doctor that crashed or was ended."""
    why = "timed out" if is_late else f"crashed with the output: {ended.last_line()[:200]}"
    fix = "Run scripts/doctor.py in a terminal and report its output."
    return Finding("doctor", "Diagnostics", BAD, why, "all checks completed", fix)


doctor_task = DoctorTask()
