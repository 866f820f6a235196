# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's findings, in the panel and in the preferences: problems first, each with its button."""

import bpy

from ...doctor.finding import BAD, GOOD, WARN, Finding
from ..background.doctor_task import doctor_task
from . import fix_buttons
from .text_wrap import draw_wrapped

ICONS = {BAD: "ERROR", WARN: "INFO", GOOD: "CHECKMARK"}


def draw_preferences(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the section of the preferences: the buttons and all findings."""
    row = box.row()
    row.label(text="Diagnostics", icon="VIEWZOOM")
    row.operator("text3d.examine", text="Run Diagnostics").is_full = False
    row.operator("text3d.examine", text="Full Diagnostics").is_full = True
    draw(box, context)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the findings, if the doctor was started."""
    if not (doctor_task.is_running() or doctor_task.findings):
        return
    box = layout.box()
    row = box.row(align=True)
    row.label(text=summary(), icon="VIEWZOOM")
    if doctor_task.is_running():
        row.operator("text3d.stop_examining", text="", icon="CANCEL")
    else:
        row.operator("text3d.forget_findings", text="", icon="X")
    draw_findings(box, context)
    box.operator("text3d.copy_report", icon="COPYDOWN")


def summary() -> str:
    """Return how many checks passed."""
    count = sum(finding.state == GOOD for finding in doctor_task.findings)
    if doctor_task.is_running():
        return f"Checking… {count} checks passed"
    return f"{count} checks passed" if has_problem() else f"All {count} checks passed"


def has_problem() -> bool:
    """Return True if a check did not pass."""
    return any(finding.state != GOOD for finding in doctor_task.findings)


def draw_findings(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw every check that did not pass, errors before warnings."""
    for state in (BAD, WARN):
        for finding in doctor_task.findings:
            if finding.state == state:
                draw_finding(box.column(align=True), finding, context)


def draw_finding(column: bpy.types.UILayout, finding: Finding, context: bpy.types.Context) -> None:
    """Draw what was found, what to do, and the button that does it."""
    draw_wrapped(column, f"{finding.what}: {finding.found}. {finding.fix}", ICONS[finding.state], context)
    if finding.button in fix_buttons.FIX_BUTTONS:
        fix_buttons.draw(column, finding.button)
