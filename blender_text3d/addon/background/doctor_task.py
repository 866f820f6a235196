# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's child and what it found so far. It is followed by a timer, so Blender waits for nothing."""

from typing import Any

import bpy

from ...doctor.child import DoctorChild
from ...doctor.finding import BAD, Finding
from .. import redraw
from ..settings.choices import Choices

INTERVAL_S = 0.3

child: DoctorChild | None = None
findings: list[Finding] = []
report = ""


def facts() -> dict[str, Any]:
    """What only Blender can tell."""
    return {
        "version": bpy.app.version_string,
        "online_access": bpy.app.online_access,
        "user_folder": bpy.utils.resource_path("USER"),
    }


def start(chosen: Choices, *, is_full: bool = False) -> None:
    """Start the child and follow it.

    Raises:
        OSError: It cannot be started.
    """
    global child, report
    stop()
    findings.clear()
    report = ""
    new = DoctorChild(
        data_folder=str(chosen.jobs_dir.parent),
        python=str(chosen.own_python or ""),
        viewer=chosen.live_view_address,
        blender=facts() | {"torch": chosen.torch},
        is_full=is_full,
    )
    new.start()
    child = new
    if not bpy.app.background and not bpy.app.timers.is_registered(poll):
        bpy.app.timers.register(poll, first_interval=INTERVAL_S, persistent=True)


def is_running() -> bool:
    """Whether the doctor still looks."""
    return child is not None


def poll() -> float | None:
    """Read what was found; None when the child has ended, or was ended because its time was up."""
    global child, report
    if child is None:
        return None
    has_ended, is_late = not child.is_alive(), child.is_late()  # asked first: its last words are then in the file
    findings[:] = child.findings()
    if has_ended or is_late:
        report = child.report()
        if not report:
            findings.append(crash_finding(child, is_late))
        stop()
    redraw.panels()
    return INTERVAL_S if child else None


def crash_finding(ended: DoctorChild, is_late: bool) -> Finding:
    """The finding that stands where the doctor itself fell ill."""
    why = "it took too long and was ended" if is_late else f"it broke off and said: {ended.last_words()[:200]}"
    fix = "Run scripts/doctor.py in a terminal, and report what it says."
    return Finding("doctor", "Doctor", BAD, why, "a look at everything", fix)


def stop() -> None:
    """End the child; what it found stays."""
    global child
    if child is not None:
        child.stop()
        child.forget()
        child = None


def detach() -> None:
    """Forget everything, as the add-on goes: the doctor changes nothing, so nothing is lost."""
    global report
    stop()
    findings.clear()
    report = ""
    if bpy.app.timers.is_registered(poll):
        bpy.app.timers.unregister(poll)
