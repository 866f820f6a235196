# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel: prompt, Generate, progress and messages, then the choices one changes often."""

import bpy

from ...protocol.models import MODELS
from ..jobs import image_icons
from ..jobs.import_result import reason_to_wait
from ..state.session_state import ActiveJob, state
from ..state.time_estimate import Forecast, forecast, in_words
from . import conflicts, messages

PICTURE_SCALE = 6.0  # times a button's height
SEEN = "What the model sees"
ELAPSED_AFTER_S = 5.0
STALL_AFTER_S = 60.0
STAGES = {
    "queued": "Waking the worker",
    "load": "Loading the model",
    "read": "Reading",
    "sample": "Shaping",
    "points": "Placing points",
    "upsample": "Adding points",
    "views": "Rendering",
    "field": "Finding the surface",
    "mesh": "Building the mesh",
    "export": "Saving",
}


class Text3DPanel:
    """Where all our panels stand."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Text3D"


class TEXT3D_PT_main(Text3DPanel, bpy.types.Panel):
    """Type a prompt, get an object."""

    bl_label = "Text to 3D"
    bl_idname = "TEXT3D_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.text3d
        column = layout.column()
        draw_input(column, settings)
        draw_generate(column, settings)
        draw_progress(layout)
        messages.draw(layout, context)
        draw_choices(layout, settings)


def draw_input(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """What the object is made of: words, a picture, or what the model takes of both."""
    model = MODELS.get(settings.model)
    takes = model.inputs if model else ("text",)
    row = layout.row()
    row.active = "text" in takes
    row.prop(settings, "prompt", text="", placeholder="A red chair")
    if "image" in takes:
        layout.prop(settings, "image", text="", icon="IMAGE_DATA")
        draw_picture(layout, image_icons.icon_of_file(bpy.path.abspath(settings.image)))


def draw_picture(layout: bpy.types.UILayout, icon: int, words: str = "") -> None:
    """A picture, with a word on what it is; nothing where there is none."""
    if not icon:
        return
    if words:
        layout.label(text=words, icon="HIDE_OFF")
    layout.template_icon(icon_value=icon, scale=PICTURE_SCALE)


def draw_generate(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """The button, how long it will take, and where."""
    button = layout.row()
    button.scale_y = 1.6
    label = "Generate" if settings.count == 1 else f"Generate {settings.count}"
    button.operator("text3d.generate", text=label, icon="SHADERFX")
    if expected := forecast(settings):
        draw_forecast(layout.column(align=True), expected)


def draw_forecast(column: bpy.types.UILayout, expected: Forecast) -> None:
    """How long it will take and where; where that is long, whose measurement it is."""
    line = column.row()
    line.alert = line.active = expected.is_slow
    line.label(text=expected.words, icon="ERROR" if expected.is_slow else "TIME")
    if expected.is_slow and not expected.is_measured:
        column.label(text="Measured on two cores of another machine", icon="BLANK1")


def draw_progress(layout: bpy.types.UILayout) -> None:
    """The job at work, how many wait behind it, and the way to stop them."""
    running, finished = state.running, state.finished
    if running:
        draw_job_at_work(layout.column(align=True), running[0], len(running) - 1)
    if finished and (reason := reason_to_wait()):
        layout.label(text=f"{len(finished)} ready. {reason}", icon="PAUSE")


def draw_job_at_work(column: bpy.types.UILayout, job: ActiveJob, waiting: int) -> None:
    """Progress bar, stage, step, time left, Cancel."""
    row = column.row(align=True)
    row.progress(factor=min(job.share_done, 1.0), type="BAR", text=progress_words(job))
    row.operator("text3d.cancel", text="", icon="CANCEL")
    details = [job.request.prompt]
    if waiting:
        details.append(f"{waiting} more")
    column.label(text="  ·  ".join(details))
    if words := stall_message(job):
        column.label(text=words, icon="TIME")
    if job.request.image:
        draw_picture(column, image_icons.icon_of_job(job.folder), SEEN)


def progress_words(job: ActiveJob) -> str:
    """Stage, step, how long the stage has run where steps are slow, and time left, on one line."""
    silent_s = job.silent_s
    words = ["Stopping…" if job.is_cancel_asked else STAGES.get(job.stage, job.stage.capitalize())]
    if job.of > 1 and not job.is_cancel_asked:
        words.append(f"{job.index}/{job.of}")
    if silent_s > ELAPSED_AFTER_S:
        words.append(in_words(silent_s + job.news_at - job.stage_since))
    if job.eta_s is not None and job.eta_s > silent_s and not job.is_cancel_asked:
        words.append(f"{in_words(job.eta_s - silent_s)} left")
    return "  ·  ".join(words)


def stall_message(job: ActiveJob) -> str:
    """That the worker lives, where nothing was heard of it for long; "" elsewhere. One that dies is told of at once."""
    if job.silent_s < STALL_AFTER_S or not (state.session and state.session.worker.is_alive()):
        return ""
    return f"The worker runs, no news for {in_words(job.silent_s)}"


def draw_choices(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """What is changed often."""
    conflicts.draw_outputs(layout, settings)
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    conflicts.draw_quality(column, settings)
    column.prop(settings, "count")
    column.prop(settings, "size_m")
    draw_seed(column.row(align=True), settings)
    column.prop(settings, "has_live_view")


def draw_seed(row: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """The seed, a button that rolls another, and the lock."""
    number = row.row(align=True)
    number.active = not settings.has_random_seed
    number.prop(settings, "seed")
    row.operator("text3d.roll_seed", text="", icon="FILE_REFRESH")
    lock = "UNLOCKED" if settings.has_random_seed else "LOCKED"
    row.prop(settings, "has_random_seed", text="", icon=lock, invert_checkbox=True)


class TEXT3D_PT_more(Text3DPanel, bpy.types.Panel):
    """What is changed seldom."""

    bl_label = "Advanced"
    bl_parent_id = "TEXT3D_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.text3d
        layout.use_property_split, layout.use_property_decorate = True, False
        layout.prop(settings, "model")
        conflicts.draw_compare(layout, settings)
        layout.prop(settings, "device")
        layout.prop(settings, "turn")
        layout.prop(settings, "most_faces")
        layout.prop(settings, "has_own_sampling")
        sampling = layout.column()
        sampling.active = settings.has_own_sampling
        for name in ("steps", "guidance", "grid"):
            sampling.prop(settings, name)
        address = layout.column()
        address.active = settings.has_live_view
        address.prop(settings, "live_view_address", text="Live View Address")


CLASSES = (TEXT3D_PT_main, TEXT3D_PT_more)
