# SPDX-License-Identifier: GPL-3.0-or-later
"""The main panel: prompt, Generate, progress and messages, then the settings that change often."""

import bpy

from ..jobs import image_icons
from ..jobs.import_result import reason_to_wait
from ..settings import input_kind, size
from ..settings.properties import ADVANCED_PROPERTIES, TEXT3D_Settings
from ..state.session_state import ActiveJob, state
from ..state.time_estimate import TimeEstimate, estimate_time, format_duration
from . import conflicts, messages, prompt_words
from .presets import TEXT3D_PT_presets

IMAGE_SCALE = 6.0  # times the height of a button
MODEL_INPUT = "What the model sees"
ELAPSED_AFTER_S = 5.0
STALL_AFTER_S = 60.0
STAGES = {
    "queued": "Starting",
    "load": "Loading Model",
    "read": "Encoding Input",
    "sample": "Sampling",
    "points": "Sampling Points",
    "upsample": "Upsampling",
    "views": "Rendering Views",
    "field": "Extracting Surface",
    "mesh": "Building Mesh",
    "export": "Saving",
}


class Text3DPanel:
    """Place of all panels: the Text3D tab of the 3D viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Text3D"


class TEXT3D_PT_main(Text3DPanel, bpy.types.Panel):
    """Prompt, Generate, progress, messages and common settings."""

    bl_label = "Text3D"
    bl_idname = "TEXT3D_PT_main"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        TEXT3D_PT_presets.draw_panel_header(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.text3d
        column = layout.column()
        draw_input(column, settings)
        draw_generate(column, settings)
        draw_progress(layout)
        messages.draw(layout, context)
        draw_settings(layout, settings)


def draw_input(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the switch if the model accepts both inputs, then the prompt or the image."""
    accepted = input_kind.accepted_inputs(settings)
    if len(accepted) > 1:
        layout.row(align=True).prop(settings.id_data, input_kind.NAME, expand=True)
    if input_kind.input_kind(settings) == input_kind.IMAGE:
        row = layout.row(align=True)
        row.prop(settings, "image", text="", icon="IMAGE_DATA", placeholder="Choose an image")
        row.menu("TEXT3D_MT_image_sources", text="", icon="DOWNARROW_HLT")
        draw_image(layout, image_icons.file_icon(bpy.path.abspath(settings.image)))
        return
    row = layout.row(align=True)
    row.active = bool(accepted)
    row.prop(settings, "prompt", text="", placeholder="A red chair")
    row.popover("TEXT3D_PT_prompt_history", text="", icon="RECOVER_LAST")
    prompt_words.draw(layout, settings)


def draw_image(layout: bpy.types.UILayout, icon: int, label: str = "") -> None:
    """Draw an image under an optional label; nothing if the icon is 0."""
    if not icon:
        return
    if label:
        layout.label(text=label, icon="HIDE_OFF")
    layout.template_icon(icon_value=icon, scale=IMAGE_SCALE)


def draw_generate(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the Generate button and the time estimate."""
    button = layout.row()
    button.scale_y = 1.6
    label = "Generate" if settings.count == 1 else f"Generate {settings.count}"
    button.operator("text3d.generate", text=label, icon="SHADERFX")
    if expected := estimate_time(settings):
        draw_time_estimate(layout.column(align=True), expected)


def draw_time_estimate(column: bpy.types.UILayout, expected: TimeEstimate) -> None:
    """Draw the time and the device; a long time is marked, with a note if it was not measured here."""
    line = column.row()
    line.alert = line.active = expected.is_slow
    line.label(text=expected.text, icon="ERROR" if expected.is_slow else "TIME")
    if expected.is_slow and not expected.is_measured:
        column.label(text="Estimate, not measured here", icon="BLANK1")


def draw_progress(layout: bpy.types.UILayout) -> None:
    """Draw the running job, and the number of objects that wait to be imported."""
    running, finished = state.running, state.finished
    if running:
        draw_running_job(layout.column(align=True), running[0], len(running) - 1)
    if finished and (reason := reason_to_wait()):
        layout.label(text=f"{len(finished)} ready, {reason}", icon="PAUSE")


def draw_running_job(column: bpy.types.UILayout, job: ActiveJob, waiting: int) -> None:
    """Draw the progress bar with Cancel, the prompt, and the number of queued jobs."""
    row = column.row(align=True)
    row.progress(factor=min(job.share_done, 1.0), type="BAR", text=progress_text(job))
    row.operator("text3d.cancel", text="", icon="CANCEL").job_id = job.folder.job_id
    details = [job.name]
    if waiting:
        details.append(f"{waiting} more queued")
    column.label(text="  ·  ".join(details))
    if message := stall_message(job):
        column.label(text=message, icon="TIME")
    if job.request.image:
        draw_image(column, image_icons.job_icon(job.folder), MODEL_INPUT)


def progress_text(job: ActiveJob) -> str:
    """Return stage, step, elapsed time if steps are slow, and time left, on one line."""
    silent_s, is_active = job.silent_s, not job.is_cancel_requested
    parts = [stage_text(job) if is_active else "Canceling…"]
    if job.total > 1 and is_active and job.stage != "load":
        parts.append(f"{job.index}/{job.total}")
    if silent_s > ELAPSED_AFTER_S:
        parts.append(format_duration(silent_s + job.updated_at - job.stage_since))
    if job.eta_s is not None and job.eta_s > silent_s and is_active:
        parts.append(f"{format_duration(job.eta_s - silent_s)} left")
    return "  ·  ".join(parts)


def stage_text(job: ActiveJob) -> str:
    """Return the name of the job's stage."""
    if job.stage == "queued" and has_running_worker() and state.device:  # the worker has started a job before
        return "Waiting"
    return STAGES.get(job.stage, job.stage.capitalize())


def has_running_worker() -> bool:
    """Return True if this session's worker process is alive."""
    return state.session is not None and state.session.worker.is_alive()


def stall_message(job: ActiveJob) -> str:
    """Return a note if a live worker has reported nothing for a while, or ""; an exit is reported at once."""
    if job.silent_s < STALL_AFTER_S or not has_running_worker():
        return ""
    return f"Still running, last update {format_duration(job.silent_s)} ago"


def draw_settings(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the settings that change often."""
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(settings, "outputs")
    conflicts.draw_quality(column, settings)
    column.prop(settings, "count")
    column.prop(settings.id_data, size.NAME)
    draw_seed(column.row(align=True), settings)
    column.prop(settings, "has_live_view")


def draw_seed(row: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the seed, the button for a new one, and the lock."""
    number = row.row(align=True)
    number.active = not settings.has_random_seed
    number.prop(settings, "seed")
    row.operator("text3d.roll_seed", text="", icon="FILE_REFRESH")
    lock = "UNLOCKED" if settings.has_random_seed else "LOCKED"
    row.prop(settings, "has_random_seed", text="", icon=lock, invert_checkbox=True)


class TEXT3D_PT_more(Text3DPanel, bpy.types.Panel):
    """Settings that rarely change."""

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
        for name in ADVANCED_PROPERTIES:
            layout.prop(settings, name)
        if settings.earlier_variations:
            layout.prop(settings, "earlier_variations")
        layout.prop(settings, "has_own_sampling")
        sampling = layout.column()
        sampling.active = settings.has_own_sampling
        for name in ("steps", "guidance", "grid"):
            sampling.prop(settings, name)
        address = layout.column()
        address.active = settings.has_live_view
        address.prop(settings, "live_view_address")


CLASSES = (TEXT3D_PT_main, TEXT3D_PT_more)
