# SPDX-License-Identifier: GPL-3.0-or-later
"""The main panel: input, Generate, progress, and the settings that change often."""

import bpy

from ...protocol.kept_steps import keeps_steps, steps_bytes
from ...protocol.models import MODELS
from ..background.cluster_task import cluster_task
from ..jobs import early_start, image_icons, import_result, live, queue_order
from ..settings import input_kind, size
from ..settings.face_budget import CUSTOM
from ..settings.properties import ADVANCED_PROPERTIES, TEXT3D_Settings, panel_value
from ..state.active_job import ActiveJob
from ..state.session_state import has_running_worker, state
from ..state.time_estimate import TimeEstimate, estimate_time, format_duration
from ..state.weight_files import format_bytes
from . import conflicts, prompt_words, run
from .images import MODEL_INPUT, draw_images
from .presets import TEXT3D_PT_presets
from .sidebar import SidebarPanel
from .views import draw_view_settings, draw_views

VARIATIONS = (4, 9, 16)
ELAPSED_AFTER_S = 5.0
STAGES = {
    "queued": "Starting",
    "connect": "Connecting",
    "reconnect": "Reconnecting",
    "load": "Loading Model",
    "image": "Making View",
    "enlarge": "Enlarging View",
    "choose": "Choosing View",
    "read": "Encoding Input",
    "encode": "Encoding Object",
    "sample": "Sampling",
    "points": "Sampling Points",
    "upsample": "Upsampling",
    "views": "Rendering Views",
    "field": "Extracting Surface",
    "mesh": "Building Mesh",
    "steps": "Decoding Steps",
    "export": "Saving",
}


class TEXT3D_PT_main(SidebarPanel, bpy.types.Panel):
    """Input, Generate, progress and common settings.

    All of it has the same height whether a job runs or not, so that no button moves under the mouse.
    """

    bl_label = "Text3D"
    bl_idname = "TEXT3D_PT_main"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        TEXT3D_PT_presets.draw_panel_header(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        early_start.request()
        layout, settings = self.layout, context.scene.text3d
        draw_input(layout.column(), settings, context)
        draw_generate(layout.column(), settings)
        draw_views(layout.column(), settings)
        draw_settings(layout, settings, context)


class TEXT3D_MT_generate(bpy.types.Menu):
    """More ways to generate from the panel's settings."""

    bl_label = "Generate"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        for count in VARIATIONS:
            layout.operator("text3d.contact_sheet", text=f"Contact Sheet of {count} Variations").count = count
        layout.operator("text3d.wedge", text="Wedge…", icon="GRID")
        layout.operator("text3d.send_to_cluster", text="Send to Cluster…", icon="NETWORK_DRIVE")
        layout.separator()
        layout.operator("text3d.generate_views", icon="IMAGE_DATA")
        layout.operator("text3d.compare", icon="MOD_MIRROR")


def draw_input(layout: bpy.types.UILayout, settings: TEXT3D_Settings, context: bpy.types.Context) -> None:
    """Draw the switch if the model accepts both inputs, then the prompt or the image."""
    accepted = input_kind.accepted_inputs(settings)
    if len(accepted) > 1:
        layout.row(align=True).prop(settings.id_data, input_kind.NAME, expand=True)
    if input_kind.input_kind(settings) == input_kind.IMAGE:
        row = layout.row(align=True)
        row.prop(settings, "image", text="", icon="IMAGE_DATA", placeholder="Choose an image")
        row.menu("TEXT3D_MT_image_sources", text="", icon="DOWNARROW_HLT")
        draw_chosen_image(layout, settings)
        return
    row = layout.row(align=True)
    row.active = bool(accepted)
    row.prop(settings, "prompt", text="", placeholder="A red chair")
    row.popover("TEXT3D_PT_prompt_history", text="", icon="RECOVER_LAST")
    row.operator("text3d.live", text="", icon="RECORD_ON", depress=live.live is not None)
    if live.live is not None and live.live.shown:
        row.operator("text3d.keep_live", text="", icon="IMPORT")
    prompt_words.draw(layout, settings, context)


def draw_chosen_image(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the image, and beside it what the model sees of the running job's image."""
    job = state.running[0] if state.running else None
    seen = image_icons.job_icon(job.folder) if job and job.request.image else 0
    chosen = image_icons.file_icon(bpy.path.abspath(settings.image))
    draw_images(layout, ("Image", chosen), (MODEL_INPUT, seen))


def draw_generate(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the Generate button with its menu, and one line for the progress or the time estimate."""
    row = layout.row(align=True)
    row.scale_y = 1.6
    label = "Generate" if settings.count == 1 else f"Generate {settings.count}"
    row.operator("text3d.generate", text=label, icon="SHADERFX").count = 0
    row.menu("TEXT3D_MT_generate", text="", icon="DOWNARROW_HLT")
    draw_progress(layout.row(align=True), settings)


def draw_progress(row: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw one of: a pause, the running job, why an object waits to be imported, a run on a cluster, the estimate."""
    reason = import_result.reason_to_wait() if state.finished else ""
    if state.running and queue_order.is_held(state.running[0]):
        row.label(text=f"Paused, {len(state.running)} waiting", icon="PAUSE")
        row.operator("text3d.queue_resume", text="", icon="PLAY")
    elif state.running:
        job = state.running[0]
        row.progress(factor=min(job.share_done, 1.0), type="BAR", text=progress_text(job))
        row.operator("text3d.cancel", text="", icon="CANCEL").job_id = job.folder.job_id
    elif reason:
        row.label(text=f"{len(state.finished)} ready, {reason}", icon="PAUSE")
    elif cluster_task.is_running():
        run.draw_bar(row)
    else:
        draw_time_estimate(row, estimate_time(settings))


def draw_time_estimate(row: bpy.types.UILayout, expected: TimeEstimate | None) -> None:
    """Draw the time and the device; a long time is marked."""
    if expected is None:
        row.label(text="")
        return
    row.alert = row.active = expected.is_slow
    row.label(text=expected.text, icon="ERROR" if expected.is_slow else "TIME")


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


def draw_settings(layout: bpy.types.UILayout, settings: TEXT3D_Settings, context: bpy.types.Context) -> None:
    """Draw the settings that change often."""
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(settings, "model", text="")
    draw_view_settings(column, settings, context)
    column.prop(settings, "into")
    column.prop(settings, "outputs")
    conflicts.draw_quality(column, settings)
    column.prop(settings, "count")
    draw_seed(column.row(align=True), settings)


def draw_seed(row: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the seed, the button for a new one, and the lock."""
    number = row.row(align=True)
    number.active = not settings.has_random_seed
    number.prop(settings, "seed")
    row.operator("text3d.roll_seed", text="", icon="FILE_REFRESH")
    lock = "UNLOCKED" if settings.has_random_seed else "LOCKED"
    row.prop(settings, "has_random_seed", text="", icon=lock, invert_checkbox=True)


def draw_steps_cost(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw what the steps of an object take in its job folder."""
    preset = MODELS[settings.model].qualities.get(settings.quality)
    steps = settings.steps if settings.has_own_sampling or not preset else preset.steps
    if keeps_steps(settings.model, steps, panel_value(settings, "keep_steps")):
        size = format_bytes(steps_bytes(settings.model, steps))
        layout.label(text=f"{steps} steps, {size} per object", icon="INFO")


class TEXT3D_PT_more(SidebarPanel, bpy.types.Panel):
    """Settings that rarely change."""

    bl_label = "Advanced"
    bl_parent_id = "TEXT3D_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.text3d
        layout.use_property_split, layout.use_property_decorate = True, False
        row = layout.row(align=True)
        row.prop(settings.id_data, size.NAME)
        row.prop(settings, "has_real_size", text="", icon="FIXED_SIZE")
        layout.prop(settings, "device")
        layout.prop(settings, "turn")
        layout.prop(settings, "face_budget")
        if settings.face_budget == CUSTOM:
            layout.prop(settings, "face_count")
        for name in ADVANCED_PROPERTIES:
            layout.prop(settings, name)
        draw_steps_cost(layout, settings)
        layout.prop(settings, "material_words")
        if settings.earlier_variations:
            layout.prop(settings, "earlier_variations")
        layout.prop(settings, "has_own_sampling")
        sampling = layout.column()
        sampling.active = settings.has_own_sampling
        for name in ("steps", "guidance", "grid"):
            sampling.prop(settings, name)
        layout.prop(settings, "has_live_view")
        address = layout.column()
        address.active = settings.has_live_view
        address.prop(settings, "live_view_address", text="Address")


CLASSES = (TEXT3D_PT_main, TEXT3D_MT_generate, TEXT3D_PT_more)
