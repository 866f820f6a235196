# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that star and reject results."""

import bpy

from ...client.results.marks import REJECTED, STARRED, set_mark
from ...protocol.job_folder import JobFolder
from .. import redraw
from ..results import timer
from ..results.strip import strip
from .results import ResultOperator


class MarkOperator(ResultOperator):
    """An operator that sets or removes a mark, as its property says.

    Attributes:
        mark: The mark; the property is named after it, such as is_starred.
    """

    mark: str

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        set_mark(folder, self.mark, on=getattr(self, f"is_{self.mark}"))
        strip.reread(folder.job_id)
        redraw.sidebars()
        timer.note_drawn()
        return {"FINISHED"}


class TEXT3D_OT_result_star(MarkOperator, bpy.types.Operator):
    """Star the result to find it again, or remove the star"""

    bl_idname = "text3d.result_star"
    bl_label = "Star Result"
    mark = STARRED

    is_starred: bpy.props.BoolProperty(name="Starred", default=True, options={"SKIP_SAVE"})


class TEXT3D_OT_result_reject(MarkOperator, bpy.types.Operator):
    """Hide the result from the list, or show it again. Its files are kept"""

    bl_idname = "text3d.result_reject"
    bl_label = "Reject Result"
    mark = REJECTED

    is_rejected: bpy.props.BoolProperty(name="Rejected", default=True, options={"SKIP_SAVE"})


CLASSES = (
    TEXT3D_OT_result_star,
    TEXT3D_OT_result_reject,
)
