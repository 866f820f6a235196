# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's list, in the panel and in the preferences: what must be mended first, each line with its button."""

import bpy

from ...doctor.finding import BAD, GOOD, WARN, Finding
from ..background import doctor_task
from . import fix_buttons
from .text_wrap import draw_wrapped

ICONS = {BAD: "ERROR", WARN: "INFO", GOOD: "CHECKMARK"}


def draw_preferences(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The preferences' part: the button, and all that was found."""
    row = box.row()
    row.label(text="Something is wrong?", icon="VIEWZOOM")
    row.operator("text3d.examine", text="Doctor").is_full = False
    row.operator("text3d.examine", text="Doctor, with a Small Object").is_full = True
    draw(box, context)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Nothing before the doctor was asked."""
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
    """How many things are well."""
    count = sum(finding.state == GOOD for finding in doctor_task.findings)
    if doctor_task.is_running():
        return f"Looking… {count} things are well"
    return f"{count} things are well" if any_ill() else f"All is well: {count} things"


def any_ill() -> bool:
    """Whether there is something to tell."""
    return any(finding.state != GOOD for finding in doctor_task.findings)


def draw_findings(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What is not well, the worst first."""
    for state in (BAD, WARN):
        for finding in doctor_task.findings:
            if finding.state == state:
                draw_finding(box.column(align=True), finding, context)


def draw_finding(column: bpy.types.UILayout, finding: Finding, context: bpy.types.Context) -> None:
    """What it is, what to do, and the button that does it."""
    draw_wrapped(column, f"{finding.what}: {finding.found}. {finding.fix}", ICONS[finding.state], context)
    if finding.button in fix_buttons.REMEDIES:
        fix_buttons.draw(column, finding.button)
