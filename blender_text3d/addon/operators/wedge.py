# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that generates an object for each pair of values on two axes."""

from typing import Any

import bpy

from ...protocol.errors import BadRequest
from ...protocol.wedge import AXES, MAX_PANEL_CELLS, WedgeAxis, example, read_axis, too_large
from ..jobs import wedge
from ..state.active_job import ActiveJob
from ..state.problem import SubmitError, problem_of_error
from .generate import WorkerOperator, start

AXIS_ITEMS = tuple(
    (name.upper(), axis.label, f"Values such as {example(name)}", number)
    for number, (name, axis) in enumerate(AXES.items())
)
DIALOG_WIDTH, DIALOG_LETTERS = 360, 44
VALUES_TEXT = "Values separated by commas; numbers may be ranges such as 1-9 or 0.5..2 step 0.5"


class TEXT3D_OT_wedge(WorkerOperator, bpy.types.Operator):
    """Generate an object for each pair of values, on a labeled grid, and write the list for a batch"""

    bl_idname = "text3d.wedge"
    bl_label = "Wedge"
    bl_options = {"UNDO"}

    rows: bpy.props.EnumProperty(name="Rows", description="Setting of the rows", items=AXIS_ITEMS, default="COLOR")
    row_values: bpy.props.StringProperty(name="Values", description=VALUES_TEXT, default="red, green, blue")
    columns: bpy.props.EnumProperty(
        name="Columns", description="Setting of the columns", items=AXIS_ITEMS, default="SEED"
    )
    column_values: bpy.props.StringProperty(name="Values", description=VALUES_TEXT, default="1-3")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, width=DIALOG_WIDTH, confirm_text="Generate")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        for axis, values in (("rows", "row_values"), ("columns", "column_values")):
            column = layout.column(align=True)
            column.prop(self, axis)
            column.prop(self, values)
        try:
            rows, columns = axes_of(self)
            layout.label(text=objects_text(len(rows.values) * len(columns.values)), icon="INFO")
        except BadRequest as error:
            draw_error(layout.column(align=True), str(error))

    def execute(self, context: bpy.types.Context) -> set[str]:
        jobs: list[ActiveJob] = []
        outcome = start(self, generate, self, context, jobs)
        if jobs:
            report_list(self, jobs)
        return outcome


def objects_text(count: int) -> str:
    """Return a number of objects."""
    return "1 object" if count == 1 else f"{count} objects"


def draw_error(column: bpy.types.UILayout, text: str) -> None:
    """Draw a sentence over several lines of the dialog."""
    from textwrap import wrap

    for number, line in enumerate(wrap(text, DIALOG_LETTERS)):
        column.label(text=line, icon="BLANK1" if number else "ERROR")


def axes_of(operator: Any) -> tuple[WedgeAxis, WedgeAxis]:
    """Return the axes of the operator.

    Raises:
        BadRequest: One is invalid, or there are too many cells.
    """
    rows = read_axis(operator.rows.lower(), operator.row_values, MAX_PANEL_CELLS)
    columns = read_axis(operator.columns.lower(), operator.column_values, MAX_PANEL_CELLS)
    if (count := len(rows.values) * len(columns.values)) > MAX_PANEL_CELLS:
        raise too_large(count, MAX_PANEL_CELLS)
    return rows, columns


def generate(operator: Any, context: bpy.types.Context, jobs: list[ActiveJob]) -> list[ActiveJob]:
    """Queue the wedge of the operator, and add its jobs to a list.

    Raises:
        SubmitError: No job was queued.
    """
    try:
        rows, columns = axes_of(operator)
    except BadRequest as error:
        raise SubmitError(problem_of_error(error)) from error
    jobs += wedge.generate_wedge(context.scene, rows, columns)
    return jobs


def report_list(operator: bpy.types.Operator, jobs: list[ActiveJob]) -> None:
    """Write the list of prompts, and tell where it is."""
    try:
        operator.report({"INFO"}, f"{objects_text(len(jobs))}. The list for a batch is {wedge.write_list(jobs)}")
    except OSError as error:
        operator.report({"WARNING"}, f"The list of the wedge could not be written ({error.strerror})")


CLASSES = (TEXT3D_OT_wedge,)
