# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that send many objects to a cluster, or to all cores of this machine, and stop that run."""

import shutil
from pathlib import Path

import bpy

from ...client import cluster_run
from ...protocol.failures import Reason
from ...protocol.request import Request, make_requests
from ..background.cluster_task import cluster_task
from ..jobs.panel_request import request_kwargs, settings_of, submit_errors
from ..settings.choices import Choices, absolute, choices
from ..state.problem import Problem, SubmitError, environment_problem
from ..state.session_state import state
from .background_process import wait_for
from .generate import WorkerOperator, fail
from .poll import is_met

DIALOG_WIDTH, PROMPT_LETTERS = 360, 38


class TEXT3D_OT_send_to_cluster(WorkerOperator, bpy.types.Operator):
    """Generate many objects on all cores and GPUs of this machine, or on a Ray cluster. They appear in the results"""

    bl_idname = "text3d.send_to_cluster"
    bl_label = "Send to Cluster"

    count: bpy.props.IntProperty(
        name="Objects",
        description="Number of objects with consecutive seeds, for each prompt",
        default=100,
        min=1,
        max=cluster_run.MAX_OBJECTS,
    )
    text: bpy.props.StringProperty(
        name="Prompts",
        description="Text of the Text Editor: one prompt per line, CSV or JSON lines. Empty: the prompt of the panel",
    )
    address: bpy.props.StringProperty(
        name="Address",
        description="Address of a Ray cluster, such as 10.0.0.5:6379. Empty: all cores and GPUs of this machine",
    )
    folder: bpy.props.StringProperty(
        name="Folder",
        subtype="DIR_PATH",
        description="Folder for the objects, which all machines of the cluster reach by the same path. "
        "Empty: the data folder of this machine",
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, not cluster_task.is_running(), "A run is in progress. Stop it first") and super().poll(
            context
        )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if problem := part_problem(choices()):
            return fail(self, problem)
        return context.window_manager.invoke_props_dialog(self, width=DIALOG_WIDTH, confirm_text="Send")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        layout.prop_search(self, "text", bpy.data, "texts")
        if not self.text:
            layout.label(text=f"Prompt: {settings_of(context.scene).prompt[:PROMPT_LETTERS]}", icon="INFO")
        layout.prop(self, "count", text="Objects per Prompt" if self.text else "Objects")
        layout.prop(self, "address", placeholder="This machine")
        layout.prop(self, "folder", placeholder="Data folder")

    def execute(self, context: bpy.types.Context) -> set[str]:
        chosen = choices()
        state.problem = None
        try:
            run = prepared_run(self, context.scene, chosen)
            cluster_task.start(run, chosen.jobs_dir.parent)
        except SubmitError as error:
            return fail(self, error.problem)
        except OSError as error:
            message = f"The run could not be started: {error.strerror or error}."
            return fail(self, Problem(message, "Choose another folder.", Reason.READ_ONLY))
        return wait_for(self, cluster_task)


class TEXT3D_OT_stop_cluster(bpy.types.Operator):
    """Stop the run after the objects that are being generated now. Finished objects are kept"""

    bl_idname = "text3d.stop_cluster"
    bl_label = "Stop"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, cluster_task.is_running(), "No run") and is_met(
            cls, not cluster_task.is_stop_requested, "Already stopping"
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            cluster_task.request_stop()
        except OSError as error:
            message = f"The run cannot be stopped: {error.strerror} ({cluster_task.folder})."
            return fail(self, Problem(message, "Make the folder writable.", Reason.READ_ONLY))
        return {"FINISHED"}


class TEXT3D_OT_open_cluster_log(bpy.types.Operator):
    """Open the log of the newest run"""

    bl_idname = "text3d.open_cluster_log"
    bl_label = "Open Log of Run"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, cluster_task.log is not None, "No run yet")

    def execute(self, context: bpy.types.Context) -> set[str]:
        return bpy.ops.wm.path_open(filepath=str(cluster_task.log))


def part_problem(chosen: Choices) -> Problem | None:
    """Return why a run cannot be started, or None. Reads files only; a Python of the user's own is not looked into."""
    from ...environment.optional_parts import CLUSTER, is_installed

    if problem := environment_problem(chosen):
        return problem
    if chosen.own_python or is_installed(chosen.env_dir, CLUSTER):
        return None
    return Problem("The package Ray is not installed.", "Install it here, then send again.", Reason.MISSING_RAY)


def prepared_run(
    operator: TEXT3D_OT_send_to_cluster, scene: bpy.types.Scene, chosen: Choices
) -> cluster_run.ClusterRun:
    """Write the list of a run into a new folder; returns the run, which is not started.

    Raises:
        SubmitError: The settings cannot be used.
        OSError: The folder cannot be written.
    """
    if problem := part_problem(chosen):
        raise SubmitError(problem)
    parent = absolute(operator.folder) or chosen.jobs_dir.parent / cluster_run.FOLDER_NAME
    text = text_of(operator.text)
    request = first_request(scene, has_text=bool(operator.text))
    if operator.text and operator.count > cluster_run.MAX_COUNT_OF_LINE:
        message = f"A list allows at most {cluster_run.MAX_COUNT_OF_LINE} objects per prompt."
        raise SubmitError(Problem(message, "Reduce Objects per Prompt, or list a prompt more than once."))
    folder = cluster_run.new_folder(parent)
    if operator.text:
        listed = cluster_run.write_prompts(folder, text, operator.text, operator.count)
    else:
        image = copied_image(request, folder)
        listed = cluster_run.write_list(folder, request, operator.count, image)
    return cluster_run.ClusterRun(chosen.python, folder, listed, chosen.jobs_dir, request, operator.address.strip())


def text_of(name: str) -> str:
    """Return the content of a text; "" without a name.

    Raises:
        SubmitError: There is no such text, or it is empty.
    """
    if not name:
        return ""
    text = bpy.data.texts.get(name)
    content = text.as_string() if text else ""
    if not content.strip():
        message = f'The text "{name}" is empty.' if text else f'There is no text "{name}".'
        raise SubmitError(Problem(message, "Write one prompt per line in the Text Editor."))
    return content


def first_request(scene: bpy.types.Scene, *, has_text: bool) -> Request:
    """Return what the panel asks for; prompts of a text take its settings.

    Raises:
        SubmitError: The settings cannot be used.
    """
    settings = settings_of(scene)
    kwargs = request_kwargs(settings) | {"count": 1}
    if has_text:
        kwargs |= {"image": "", "prompt": kwargs["prompt"] or "an object"}
    with submit_errors(settings):
        (request,) = make_requests(**kwargs)
    return request


def copied_image(request: Request, folder: Path) -> str:
    """Copy the image into the folder of a run, which other machines reach; returns its name, or "" without one.

    Raises:
        OSError: It cannot be copied.
    """
    if not request.image:
        return ""
    source = Path(request.image)
    shutil.copyfile(source, folder / f"image{source.suffix.lower()}")
    return f"image{source.suffix.lower()}"


CLASSES = (TEXT3D_OT_send_to_cluster, TEXT3D_OT_stop_cluster, TEXT3D_OT_open_cluster_log)
