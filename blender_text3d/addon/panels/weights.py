# SPDX-License-Identifier: GPL-3.0-or-later
"""The official models' files, in panel and preferences: what is missing, what is here, what is on its way."""

import bpy

from ...protocol.models import MODELS
from ..background import weights_task
from ..state.time_estimate import in_words
from ..state.weight_files import Transfer, WeightFile, in_bytes
from .text_wrap import draw_wrapped

STAGES = {
    "connect": "Connecting",
    "wait": "Another Blender fetches",
    "download": "Downloading",
    "copy": "Copying",
    "verify": "Checking",
    "ready": "Ready",
    "removed": "Removed",
}


def draw_model(layout: bpy.types.UILayout, model: str, context: bpy.types.Context) -> None:
    """The files that a model lacks; nothing where it lacks none, or nothing is known."""
    if model not in weights_task.NEED_FILES:
        return
    weights_task.want_list()
    files = weights_task.missing(model)
    if files and not weights_task.is_running():
        draw_missing(layout.box(), model, files, context)


def draw_missing(box: bpy.types.UILayout, model: str, files: list[WeightFile], context: bpy.types.Context) -> None:
    """Which files, how large, under which licence, with which warning; and the ways to get them."""
    row = box.row()
    row.label(text=f"{MODELS[model].label} lacks {count_words(len(files))}", icon="IMPORT")
    row.operator("text3d.find_weights", text="", icon="FILE_REFRESH")
    draw_sizes(box.column(align=True), files)
    for card in {file.card: file for file in files}.values():
        draw_card(box.column(align=True), card, context)
    draw_ways(box, model, files, context)


def count_words(count: int) -> str:
    """A number of files."""
    return "a file" if count == 1 else f"{count} files"


def draw_sizes(column: bpy.types.UILayout, files: list[WeightFile]) -> None:
    """A line for each file, the sum, and what an interrupted download left."""
    lines = [(file.name, file.size_bytes) for file in files]
    received_bytes = sum(file.received_bytes for file in files)
    if len(files) > 1:
        lines.append(("In all", sum(file.size_bytes for file in files)))
    if received_bytes:
        lines.append(("Here already", received_bytes))
    for name, size_bytes in lines:
        split = column.split(factor=0.65)
        split.label(text=name)
        split.label(text=in_bytes(size_bytes))


def draw_card(column: bpy.types.UILayout, file: WeightFile, context: bpy.types.Context) -> None:
    """The makers' licence and warning, and where to read more."""
    row = column.row()
    maker = file.name.partition("/")[0]
    row.label(text=f"Licence of {maker}: {file.licence}", icon="INFO")
    row.operator("wm.url_open", text="", icon="URL").url = file.card
    draw_wrapped(column, file.warning, "ERROR", context)


def draw_ways(box: bpy.types.UILayout, model: str, files: list[WeightFile], context: bpy.types.Context) -> None:
    """Fetch, or why not; import."""
    if bpy.app.online_access:
        to_come = sum(file.size_bytes - file.received_bytes for file in files)
        fetch = box.row()
        fetch.scale_y = 1.3
        fetch.operator("text3d.fetch_weights", text=f"Fetch {in_bytes(max(0, to_come))}", icon="IMPORT").model = model
    else:
        words = "Fetching needs the network, and Blender's online access is switched off."
        draw_wrapped(box, words, "INTERNET_OFFLINE", context)
        box.operator("screen.userpref_show", text="Allow in Preferences…", icon="PREFERENCES").section = "SYSTEM"
    box.operator("text3d.import_weights", icon="FILE_FOLDER").model = model


def draw_progress(layout: bpy.types.UILayout) -> None:
    """How far the transfer is, and the way to stop it; nothing where none runs."""
    transfer = weights_task.transfer
    if not weights_task.is_running() or transfer is None:
        return
    column = layout.box().column(align=True)
    row = column.row(align=True)
    row.progress(factor=transfer.share, type="BAR", text=amount_words(transfer))
    row.operator("text3d.stop_weights", text="", icon="CANCEL")
    column.label(text=f"{STAGES.get(transfer.stage, transfer.stage)} {transfer.name}".strip())
    column.label(text=pace_words(transfer))


def amount_words(transfer: Transfer) -> str:
    """Bytes of bytes."""
    of_bytes = sum(transfer.of_bytes.values())
    if not of_bytes:
        return f"{transfer.verb}…"
    return f"{in_bytes(sum(transfer.done_bytes.values()))} of {in_bytes(of_bytes)}"


def pace_words(transfer: Transfer) -> str:
    """How fast, and how long still."""
    words = []
    if transfer.bytes_per_s:
        words.append(f"{in_bytes(transfer.bytes_per_s)}/s")
    if transfer.left_s is not None:
        words.append(f"{in_words(transfer.left_s)} left")
    return "  ·  ".join(words)


def draw_preferences(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The preferences' part: what the panel shows of the chosen model, and every file that is here."""
    weights_task.want_list()
    here = [file for file in weights_task.known.values() if file.path or file.received_bytes]
    row = box.row()
    row.label(text="Files of OpenAI's models", icon="FILE_3D")
    row.operator("text3d.import_weights", icon="FILE_FOLDER").model = ""
    row.operator("text3d.find_weights", text="", icon="FILE_REFRESH")
    for file in here:
        draw_held(box.row(), file)
    if not here:
        box.label(text="None is here." if weights_task.known else "Nothing is known of them yet.")
    draw_progress(box)
    draw_model(box, context.scene.text3d.model, context)


def draw_held(row: bpy.types.UILayout, file: WeightFile) -> None:
    """A file that is here, or begun, and the way to remove it."""
    size = in_bytes(file.size_bytes) if file.path else f"{in_bytes(file.received_bytes)} of {in_bytes(file.size_bytes)}"
    row.label(text=f"{file.name}: {file.about}")
    row.label(text=size)
    row.operator("text3d.remove_weights", text="", icon="TRASH").name = file.name
