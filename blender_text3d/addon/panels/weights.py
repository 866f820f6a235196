# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the official models, in panel and preferences: missing, downloaded, and in transfer."""

import bpy

from ...protocol.models import MODELS
from ..background.weights_task import weights_task
from ..settings.choices import choices
from ..state.problem import NETWORK
from ..state.session_state import state
from ..state.time_estimate import format_duration
from ..state.weight_files import Transfer, WeightFile, format_bytes
from . import fix_buttons
from .text_wrap import draw_wrapped

FAMILIES = {"clip": "CLIP", "point-e": "Point-E", "shap-e": "Shap-E"}
NEEDED_SHARE = 0.62
"""Share of the width for the missing bytes and their licenses; the button gets the rest."""
STAGES = {
    "connect": "Connecting",
    "wait": "Waiting for Another Blender",
    "download": "Downloading",
    "copy": "Copying",
    "verify": "Verifying",
    "ready": "Ready",
    "removed": "Removed",
}


class TEXT3D_PT_download(bpy.types.Panel):
    """The files to download, their licenses and warnings, and the buttons that get them."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"  # a popover: it is in no tab
    bl_label = "Download Model"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = 22
    bl_description = "Show the files with their licenses, and download them"

    def draw(self, context: bpy.types.Context) -> None:
        for model in wanted_models(context):
            draw_download(self.layout, model, context)


CLASSES = (TEXT3D_PT_download,)


def wanted_models(context: bpy.types.Context) -> list[str]:
    """Return the chosen model, and the one whose files a job lacked."""
    if choices().remote_host:
        return []  # its files are on the other machine
    names = [context.scene.text3d.model, state.problem.model if state.problem else ""]
    return [name for name in dict.fromkeys(names) if name in weights_task.NEED_FILES]


def draw_missing(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw a line for each wanted model with missing files; nothing while the list is not known, or in a transfer."""
    for model in wanted_models(context):
        weights_task.want_list()
        files = weights_task.missing(model)
        if files and not weights_task.is_running():
            split = layout.split(factor=NEEDED_SHARE)
            split.label(text=f"Needs {format_bytes(missing_bytes(files))} · {licenses(files)}", icon="IMPORT")
            split.popover("TEXT3D_PT_download", text="Download…")


def licenses(files: list[WeightFile]) -> str:
    """Return the names of the licenses, each once."""
    return ", ".join(dict.fromkeys(file.license for file in files))


def draw_download(layout: bpy.types.UILayout, model: str, context: bpy.types.Context) -> None:
    """Draw a model's missing files and sizes, each license with its warning, and the buttons that get the files."""
    files = weights_task.missing(model)
    layout.label(text=MODELS[model].label, icon="FILE_3D")
    draw_sizes(layout.column(align=True), files)
    for card in {file.card: file for file in files}.values():
        draw_card(layout.box().column(align=True), card, context)
    draw_sources(layout, model, files, context)


def missing_bytes(files: list[WeightFile]) -> int:
    """Return the bytes still to be downloaded."""
    return max(0, sum(file.size_bytes - file.received_bytes for file in files))


def draw_sizes(column: bpy.types.UILayout, files: list[WeightFile]) -> None:
    """Draw the size of each file, the total, and the bytes kept from an interrupted download."""
    lines = [(file.name, file.size_bytes) for file in files]
    received_bytes = sum(file.received_bytes for file in files)
    if len(files) > 1:
        lines.append(("Total", sum(file.size_bytes for file in files)))
    if received_bytes:
        lines.append(("Downloaded", received_bytes))
    for name, size_bytes in lines:
        split = column.split(factor=0.65)
        split.label(text=name)
        split.label(text=format_bytes(size_bytes))


def draw_card(column: bpy.types.UILayout, file: WeightFile, context: bpy.types.Context) -> None:
    """Draw license and warning, with a link to the model card."""
    row = column.row()
    family = file.name.partition("/")[0]
    row.label(text=f"License: {file.license} ({FAMILIES.get(family, family)})", icon="INFO")
    row.operator("wm.url_open", text="", icon="URL").url = file.card
    draw_wrapped(column, file.warning, "ERROR", context)


def draw_sources(layout: bpy.types.UILayout, model: str, files: list[WeightFile], context: bpy.types.Context) -> None:
    """Draw Download, or why it is not possible, and Import."""
    if bpy.app.online_access:
        row = layout.row()
        row.scale_y = 1.3
        size = f" {format_bytes(missing_bytes(files))}" if files else ""
        row.operator("text3d.fetch_weights", text=f"Download{size}", icon="IMPORT").model = model
    else:
        draw_wrapped(layout, "Online access is off.", "INTERNET_OFFLINE", context)
        fix_buttons.draw(layout, NETWORK)
    layout.operator("text3d.import_weights", icon="FILE_FOLDER").model = model


def draw_progress(layout: bpy.types.UILayout) -> None:
    """Draw the progress of the running transfer, with Cancel."""
    transfer = weights_task.transfer
    if not weights_task.is_running() or transfer is None:
        return
    column = layout.box().column(align=True)
    row = column.row(align=True)
    row.progress(factor=transfer.share, type="BAR", text=amount_text(transfer))
    row.operator("text3d.stop_weights", text="", icon="CANCEL")
    column.label(text=f"{STAGES.get(transfer.stage, transfer.stage)} {transfer.name}".strip())
    column.label(text=rate_text(transfer))


def amount_text(transfer: Transfer) -> str:
    """Return the bytes received of the total."""
    of_bytes = sum(transfer.total_bytes.values())
    if not of_bytes:
        return f"{transfer.verb}…"
    return f"{format_bytes(sum(transfer.done_bytes.values()))} of {format_bytes(of_bytes)}"


def rate_text(transfer: Transfer) -> str:
    """Return the rate and the time left, as far as they are known."""
    parts = []
    if transfer.bytes_per_s:
        parts.append(f"{format_bytes(transfer.bytes_per_s)}/s")
    if transfer.remaining_s is not None:
        parts.append(f"{format_duration(transfer.remaining_s)} left")
    return "  ·  ".join(parts)


def draw_preferences(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the section of the preferences: every local file, the transfer, and the chosen model's missing files."""
    weights_task.want_list()
    local = [file for file in weights_task.known.values() if file.path or file.received_bytes]
    row = box.row()
    row.label(text="OpenAI Models", icon="FILE_3D")
    row.operator("text3d.import_weights", icon="FILE_FOLDER").model = ""
    row.operator("text3d.find_weights", text="", icon="FILE_REFRESH")
    for file in local:
        draw_local_file(box.row(), file)
    if not local:
        box.label(text="None downloaded" if weights_task.known else "Not checked yet")
    draw_progress(box)
    draw_missing(box, context)


def draw_local_file(row: bpy.types.UILayout, file: WeightFile) -> None:
    """Draw a complete or partial file, with the button that removes it."""
    size = (
        format_bytes(file.size_bytes)
        if file.path
        else f"{format_bytes(file.received_bytes)} of {format_bytes(file.size_bytes)}"
    )
    row.label(text=f"{file.name}: {file.about}")
    row.label(text=size)
    row.operator("text3d.remove_weights", text="", icon="TRASH").name = file.name
