# SPDX-License-Identifier: GPL-3.0-or-later
"""The modal operator of the contact sheet: keys and mouse mark results, Esc ends it."""

from collections.abc import Callable
from typing import Any

import bpy

from ...client.results.marks import REJECTED, set_mark
from ...protocol.job_folder import JobFolder
from ...protocol.request import MAX_RESULTS
from ..jobs import contact_sheet
from ..results.strip import strip
from ..settings.choices import choices
from ..state.contact_sheet import ContactSheet, Mark
from ..state.problem import SubmitError
from ..state.variation import STRENGTHS, STRONG, SUBTLE
from .generate import can_start, fail, start
from .poll import is_met

HELP = (
    "Arrows or mouse: choose    K or Enter: keep    X: reject    R: roll rejected again    "
    "V, Shift V: vary, subtly or strongly    Tab: compare with the last one    Esc: done"
)
COLORS = {Mark.NONE: (1.0, 1.0, 1.0, 1.0), Mark.KEPT: (0.4, 1.0, 0.4, 1.0), Mark.REJECTED: (1.0, 0.4, 0.4, 1.0)}
SIGNS = {Mark.NONE: "", Mark.KEPT: "  kept", Mark.REJECTED: "  rejected"}
MOVES = {"LEFT_ARROW": (-1, 0), "RIGHT_ARROW": (1, 0), "UP_ARROW": (0, -1), "DOWN_ARROW": (0, 1)}
KEEP_KEYS = ("K", "RET", "NUMPAD_ENTER")


class TEXT3D_OT_contact_sheet(bpy.types.Operator):
    """Generate variations on a grid that faces the view, and choose the ones to keep"""

    bl_idname = "text3d.contact_sheet"
    bl_label = "Contact Sheet"

    count: bpy.props.IntProperty(
        name="Variations", description="Number of objects on the sheet", default=9, min=2, max=MAX_RESULTS
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        message = "A contact sheet is open. End it with Esc in the viewport"
        return is_met(cls, contact_sheet.sheet is None, message) and can_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Generate the sheet and keep all, as a script without a window does."""
        outcome = start(self, contact_sheet.open_sheet, context.scene, self.count)
        contact_sheet.close_sheet()
        return outcome

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        view = getattr(context.space_data, "region_3d", None)
        if view is None:
            return self.execute(context)
        try:
            contact_sheet.open_sheet(context.scene, self.count, view)
        except SubmitError as error:
            return fail(self, error.problem)
        begin(self, context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        sheet = contact_sheet.sheet
        if sheet is None or event.type == "ESC" and event.value == "PRESS":
            finish(self, context)
            return {"FINISHED"}
        is_handled = handle(self, context, event, sheet)
        if is_handled:
            contact_sheet.update_visibility()
            redraw(context)
        return {"RUNNING_MODAL"} if is_handled else {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        finish(self, context)


def begin(operator: Any, context: bpy.types.Context) -> None:
    """Frame the sheet, draw its labels, show the keys, and listen to events."""
    from ...scene.sheet_overlay import frame_locations

    sheet = contact_sheet.sheet
    assert sheet is not None
    frame_locations(context.space_data.region_3d, [cell.location for cell in sheet.cells], sheet.size)
    operator.handler = bpy.types.SpaceView3D.draw_handler_add(draw, (), "WINDOW", "POST_PIXEL")
    context.workspace.status_text_set(HELP)
    context.window_manager.modal_handler_add(operator)


def finish(operator: Any, context: bpy.types.Context) -> None:
    """End the sheet and take everything away that it drew."""
    bpy.types.SpaceView3D.draw_handler_remove(operator.handler, "WINDOW")
    context.workspace.status_text_set(None)
    contact_sheet.close_sheet()
    redraw(context)


def handle(operator: bpy.types.Operator, context: bpy.types.Context, event: Any, sheet: ContactSheet) -> bool:
    """Act on an event; return False for one that belongs to Blender."""
    if event.type == "MOUSEMOVE":
        follow_mouse(context, event, sheet)
        return False
    if event.value != "PRESS" or not is_over_viewport(context, event):
        return False
    if event.type == "Z" and (event.ctrl or event.oskey):
        operator.report({"INFO"}, "End the contact sheet with Esc before undoing")
        return True
    if event.ctrl or event.alt or event.oskey:
        return False
    is_strong = event.shift and event.type == "V"
    action = actions(operator, context, sheet, STRONG if is_strong else SUBTLE).get(event.type)
    if action:
        action()
    return action is not None


def actions(
    operator: bpy.types.Operator, context: bpy.types.Context, sheet: ContactSheet, preset: str = SUBTLE
) -> dict[str, Callable[[], object]]:
    """Return what each key does; a variation has the strength of a preset."""

    def compare() -> None:
        sheet.is_comparing = not sheet.is_comparing

    moves = {key: lambda by=by: sheet.move(*by) for key, by in MOVES.items()}
    keep = dict.fromkeys(KEEP_KEYS, lambda: toggle(operator, sheet, Mark.KEPT))
    others = {
        "X": lambda: toggle(operator, sheet, Mark.REJECTED),
        "R": lambda: roll(operator, context),
        "V": lambda: vary(operator, context, STRENGTHS[preset]),
        "TAB": compare,
    }
    return {**moves, **keep, **others}


def toggle(operator: bpy.types.Operator, sheet: ContactSheet, mark: Mark) -> None:
    """Mark the current cell, or take the same mark away; a rejected result is rejected in the strip of results, too."""
    cell = sheet.cells[sheet.current]
    was_rejected = cell.mark == Mark.REJECTED
    sheet.toggle(mark)
    is_rejected = cell.mark == Mark.REJECTED
    if is_rejected == was_rejected:
        return
    try:
        set_mark(JobFolder(choices().jobs_dir / cell.job_id), REJECTED, on=is_rejected)
    except OSError as error:
        operator.report({"WARNING"}, f"The result stays in the list of results ({error.strerror})")
    strip.reread(cell.job_id)


def roll(operator: bpy.types.Operator, context: bpy.types.Context) -> None:
    """Generate the rejected cells again."""
    try:
        jobs = contact_sheet.roll_rejected(context.scene)
    except SubmitError as error:
        fail(operator, error.problem)
        return
    if not jobs:
        operator.report({"INFO"}, "Reject a finished object with X first")


def vary(operator: bpy.types.Operator, context: bpy.types.Context, strength: float) -> None:
    """Replace all others that are not kept by variations of the current object."""
    try:
        jobs = contact_sheet.vary_current(context.scene, strength)
    except SubmitError as error:
        fail(operator, error.problem)
        return
    if not jobs:
        operator.report({"INFO"}, "There is no other finished object to replace by a variation of this one")


def follow_mouse(context: bpy.types.Context, event: Any, sheet: ContactSheet) -> None:
    """Make the cell under the mouse the current one."""
    from ...scene.sheet_overlay import nearest_label

    region, view = context.region, getattr(context.space_data, "region_3d", None)
    if region is None or view is None:
        return
    mouse, current = (event.mouse_region_x, event.mouse_region_y), sheet.current
    sheet.hover(nearest_label(region, view, labels(sheet), sheet.size, mouse))
    if sheet.current != current:
        redraw(context)


def is_over_viewport(context: bpy.types.Context, event: Any) -> bool:
    """True if the mouse is over the viewport that the sheet was opened in, and not over its sidebar."""
    area, x, y = context.area, event.mouse_x, event.mouse_y
    if area is None or not (area.x <= x < area.x + area.width and area.y <= y < area.y + area.height):
        return False
    bars = [region for region in area.regions if region.type in {"UI", "HEADER", "TOOLS", "TOOL_HEADER"}]
    return not any(bar.x <= x < bar.x + bar.width and bar.y <= y < bar.y + bar.height for bar in bars if bar.width > 1)


def labels(sheet: ContactSheet) -> list[Any]:
    """Return a label for each cell: its seed and the user's decision; the current one has a frame."""
    from ...scene.sheet_overlay import Label

    return [
        Label(cell.location, f"{cell.seed}{SIGNS[cell.mark]}", COLORS[cell.mark], index == sheet.current)
        for index, cell in enumerate(sheet.cells)
    ]


def draw() -> None:
    """Draw the labels of the open sheet over every viewport that shows its scene."""
    from ...scene.sheet_overlay import draw_labels

    sheet, context = contact_sheet.sheet, bpy.context
    if sheet is not None and context.scene.name == sheet.scene_name:
        draw_labels(context.region, context.space_data.region_3d, labels(sheet), sheet.size)


def redraw(context: bpy.types.Context) -> None:
    """Redraw the viewport."""
    if context.area:
        context.area.tag_redraw()


CLASSES = (TEXT3D_OT_contact_sheet,)
