# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on a result, which is a job folder. Scripts name it by job_id; without, it is the selected one."""

from collections.abc import Callable
from typing import Any

import bpy

from ...client.results.entry import is_own_folder
from ...client.results.index import seeds_of
from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ...system.untrusted_files import is_plain_name
from .. import redraw
from ..jobs import import_result
from ..jobs.free_location import columns_of, first_free_slot, rows_of, slot_location
from ..jobs.retry import retry
from ..results import view
from ..results.strip import strip
from ..settings.choices import choices
from ..settings.input_kind import TEXT, choose_input
from ..state.active_job import ImportTarget
from ..state.problem import Problem
from ..state.session_state import state
from .generate import can_start, fail, start
from .poll import is_in_object_mode, is_met
from .recipe import copy_to_panel, report_blend


class ResultError(Exception):
    """There is no such result, or nothing can be done with it; the message is one sentence for the user."""


class ResultOperator:
    """The job_id of an operator on a result, and its checks."""

    poll_message_set: Callable[[str], None]
    report: Callable[[set[str], str], None]
    job_id: bpy.props.StringProperty(
        name="Job", description="Name of the job folder. Empty: the selected result", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        has_results = not strip.is_loaded or strip.entries or view.settings().selected
        return is_met(cls, has_results, "No results") and cls.poll_result(context)

    @classmethod
    def poll_result(cls, context: bpy.types.Context) -> bool:
        """Return True if the operator can run on any result."""
        return True

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        """Run the operator on an existing job folder.

        Raises:
            ResultError, InvalidJob, OSError: It cannot be done.
        """
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return self.run(result_folder(self.job_id), context)
        except (ResultError, InvalidJob) as error:
            message = str(error)
        except OSError as error:
            message = f"The result cannot be changed ({error.strerror}). Check that its folder can be written."
        redraw.panels()
        self.report({"ERROR"}, message)
        return {"CANCELLED"}


def result_folder(job_id: str) -> JobFolder:
    """Return the job folder of this name, or that of the selected result for "".

    Raises:
        ResultError: None is selected, or it is not a job folder.
    """
    name = job_id or view.settings().selected
    if not name:
        raise ResultError("No result is selected. Select one under Results first.")
    folder = JobFolder(choices().jobs_dir / name) if is_plain_name(name) else None
    if folder is None or not is_own_folder(folder.path):
        strip.reload()
        raise ResultError(f"The result {name!r:.60} does not exist any more.")
    return folder


class TEXT3D_OT_result_select(ResultOperator, bpy.types.Operator):
    """Select this result"""

    bl_idname = "text3d.result_select"
    bl_label = "Select Result"
    bl_options = {"INTERNAL"}

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        entry = strip.entry(properties.job_id)
        if entry is None:
            return cls.__doc__
        seed, variation_seed = seeds_of(entry)
        variation = f", variation seed {variation_seed}" if variation_seed >= 0 else ""
        return f"Select {entry.request.prompt}, seed {seed}{variation}"

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        view.settings().selected = folder.job_id
        redraw.sidebars()
        return {"FINISHED"}


class TEXT3D_OT_result_import(ResultOperator, bpy.types.Operator):
    """Bring the object of the selected result into the scene, at the 3D cursor"""

    bl_idname = "text3d.result_import"
    bl_label = "Bring into Scene"

    @classmethod
    def poll_result(cls, context: bpy.types.Context) -> bool:
        reason = import_result.reason_to_wait()
        return is_met(cls, not reason, reason[:1].upper() + reason[1:])

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        request, scene = folder.read_request(), context.scene
        slot = first_free_slot(request, scene)
        location = slot_location(slot, request.size_m, scene, rows=rows_of(request), columns=columns_of(request, scene))
        state.problem = None
        made = import_result.import_object(folder, ImportTarget(scene.name, location), again=True)
        if not made:
            return fail(self, state.problem or Problem(f"The result {folder.job_id} could not be imported."))
        state.ready = [offer for offer in state.ready if offer != folder]
        return {"FINISHED"}


class TEXT3D_OT_result_select_objects(ResultOperator, bpy.types.Operator):
    """Select the objects of the selected result in the scene"""

    bl_idname = "text3d.result_select_objects"
    bl_label = "Select Objects"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll_result(cls, context: bpy.types.Context) -> bool:
        return is_in_object_mode(cls, context)

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        from ...scene.find import objects_of_job
        from ..jobs.selection import select_only

        found = [item for item in objects_of_job(folder.job_id) if item.visible_get(view_layer=context.view_layer)]
        if not found:
            raise ResultError("No visible object in the scene was made by this result. Use Bring into Scene.")
        select_only(context.view_layer, found)
        return {"FINISHED"}


class TEXT3D_OT_result_use_prompt(ResultOperator, bpy.types.Operator):
    """Copy the prompt of the selected result to the panel"""

    bl_idname = "text3d.result_use_prompt"
    bl_label = "Use Prompt"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        context.scene.text3d.prompt = folder.read_request().prompt
        choose_input(context.scene.text3d, TEXT)
        return {"FINISHED"}


class TEXT3D_OT_result_use_seed(ResultOperator, bpy.types.Operator):
    """Copy the seed of the selected result to the panel and lock it"""

    bl_idname = "text3d.result_use_seed"
    bl_label = "Use Seed"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        context.scene.text3d.seed = folder.read_request().seed
        context.scene.text3d.has_random_seed = False
        return {"FINISHED"}


class TEXT3D_OT_result_use_settings(ResultOperator, bpy.types.Operator):
    """Copy prompt or image, seed and all settings of the selected result to the panel"""

    bl_idname = "text3d.result_use_settings"
    bl_label = "Use All Settings"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        values = panel_values(folder, folder.read_request())
        copy_to_panel(values, context.scene.text3d)
        report_blend(self, values)
        return {"FINISHED"}


def panel_values(folder: JobFolder, request: Request) -> dict[str, Any]:
    """Return the values of a request with the path of its own image.

    Raises:
        InvalidJob: The image is missing.
    """
    image = folder.input_file(request.image)
    return request.to_values() | {"image": str(image) if image else ""}


class TEXT3D_OT_result_regenerate(ResultOperator, bpy.types.Operator):
    """Generate the object of the selected result again, with the same seed and settings"""

    bl_idname = "text3d.result_regenerate"
    bl_label = "Regenerate Result"

    @classmethod
    def poll_result(cls, context: bpy.types.Context) -> bool:
        return can_start(cls)

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        return start(self, retry, folder, context.scene, "same")


CLASSES = (
    TEXT3D_OT_result_select,
    TEXT3D_OT_result_import,
    TEXT3D_OT_result_select_objects,
    TEXT3D_OT_result_use_prompt,
    TEXT3D_OT_result_use_seed,
    TEXT3D_OT_result_use_settings,
    TEXT3D_OT_result_regenerate,
)
