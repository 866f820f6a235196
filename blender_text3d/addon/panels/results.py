# SPDX-License-Identifier: GPL-3.0-or-later
"""The results: a grid of thumbnails with filters, and what can be done with the selected one."""

import time
from typing import Any

import bpy

from ...client.results.entry import ResultEntry
from ...client.results.index import grouped, seed_count, seeds_of
from ..results import icons, timer, view
from ..results.strip import strip
from ..settings.properties import model_label
from ..state.count_text import counted
from . import assets
from .sidebar import SidebarPanel

COLUMN_PIXELS = 86
MIN_COLUMNS, MAX_COLUMNS = 2, 8
SCROLLBAR_PIXELS = 20
THUMBNAIL_SCALE = 3.6  # times the height of a button
MAX_SEED_DIGITS = 6
MAX_PROMPT_LENGTH = 300


class TEXT3D_PT_results(SidebarPanel, bpy.types.Panel):
    """Every result in the jobs folder, page by page; what can be done with one stands below, so that none moves."""

    bl_label = "Results"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        draw_filters(self.layout.row(align=True), view.settings())

    def draw(self, context: bpy.types.Context) -> None:
        timer.note_drawn()
        layout, settings = self.layout, view.settings()
        layout.prop(settings, "search", text="", icon="VIEWZOOM")
        for entries in rows_of_groups(strip.entries):
            draw_group(layout, entries, settings.selected, columns_of(context))
        draw_state(layout, settings)
        draw_pages(layout)
        if entry := strip.entry(settings.selected):
            draw_selected(layout.box().column(), entry)


def columns_of(context: bpy.types.Context) -> int:
    """Return the number of thumbnails beside each other that the width of the sidebar allows."""
    scale = context.preferences.system.ui_scale or 1.0  # 0 without a window
    width = context.region.width if context.region else 280
    return min(max(int((width / scale - SCROLLBAR_PIXELS) / COLUMN_PIXELS), MIN_COLUMNS), MAX_COLUMNS)


def draw_filters(row: bpy.types.UILayout, settings: Any) -> None:
    """Draw which results are shown."""
    row.prop(settings, "scope", text="")
    row.prop(settings, "is_starred_only", text="", icon="SOLO_ON")
    row.prop(settings, "has_rejected", text="", icon="HIDE_OFF" if settings.has_rejected else "HIDE_ON")


def rows_of_groups(entries: list[ResultEntry]) -> list[list[ResultEntry]]:
    """Return the groups of results that are drawn together: those of several seeds alone, the others side by side."""
    drawn: list[list[ResultEntry]] = []
    for group in grouped(entries):
        if len(group) == 1 and drawn and not is_one_group(drawn[-1]):
            drawn[-1] += group
        else:
            drawn.append(group)
    return drawn


def is_one_group(entries: list[ResultEntry]) -> bool:
    """True if several results differ in their seeds only."""
    return len(entries) > 1 and len(grouped(entries)) == 1


def draw_group(layout: bpy.types.UILayout, entries: list[ResultEntry], selected: str, columns: int) -> None:
    """Draw results of one prompt under it, or results of several prompts with a name each."""
    column = layout.column(align=True)
    is_titled = is_one_group(entries)
    if is_titled:
        column.label(text=f"{shown_prompt(entries[0])}  ·  {counted(seed_count(entries), 'seed')}")
    grid = column.grid_flow(row_major=True, columns=columns, even_columns=True, even_rows=True, align=False)
    for entry in entries:
        cell = grid.column(align=True)
        draw_result(cell, entry, is_selected=entry.job_id == selected, is_named=not is_titled)
    for _ in range(columns - len(entries)):  # so that the thumbnails of all groups have the same width
        grid.column(align=True)


def draw_result(column: bpy.types.UILayout, entry: ResultEntry, *, is_selected: bool, is_named: bool) -> None:
    """Draw a thumbnail, with a button that selects it and one that stars it."""
    column.active = not entry.is_rejected
    column.template_icon(icon_value=icons.icon(entry), scale=THUMBNAIL_SCALE)
    if is_named:
        column.label(text=shown_prompt(entry))
    row = column.row(align=True)
    row.operator("text3d.result_select", text=short_seed(entry), depress=is_selected).job_id = entry.job_id
    star = row.operator("text3d.result_star", text="", icon="SOLO_ON" if entry.is_starred else "SOLO_OFF")
    star.job_id, star.is_starred = entry.job_id, not entry.is_starred


def shown_prompt(entry: ResultEntry) -> str:
    """Return the prompt at a length that Blender's labels can hold."""
    return entry.request.prompt[:MAX_PROMPT_LENGTH]


def short_seed(entry: ResultEntry) -> str:
    """Return the seed, or its last digits if it is too long for the button; of a variation, ~ and its own seed."""
    seed, variation_seed = seeds_of(entry)
    digits = str(seed) if variation_seed < 0 else f"~{variation_seed}"
    return digits if len(digits) <= MAX_SEED_DIGITS else f"…{digits[1 - MAX_SEED_DIGITS :]}"


def draw_state(layout: bpy.types.UILayout, settings: Any) -> None:
    """Draw what is being loaded, or why nothing is shown."""
    if not strip.is_loaded:
        has_count = strip.searched and strip.job_count
        layout.label(text=f"Searching {strip.searched} of {strip.job_count}" if has_count else "Loading", icon="TIME")
    elif not strip.entries:
        is_filtered = settings.search or settings.is_starred_only or settings.scope == view.THIS_FILE
        layout.label(text="No matching results" if is_filtered else "No results yet", icon="INFO")


def draw_pages(layout: bpy.types.UILayout) -> None:
    """Draw the buttons that turn pages, if there are several."""
    if not strip.page and not strip.has_next:
        return
    row = layout.row(align=True)
    back, forward = row.row(align=True), row.row(align=True)
    back.enabled, forward.enabled = strip.page > 0, strip.has_next
    back.operator("text3d.results_page", text="", icon="TRIA_LEFT").step = -1
    forward.operator("text3d.results_page", text="", icon="TRIA_RIGHT").step = 1
    row.label(text=f"Page {strip.page + 1}")


def draw_selected(column: bpy.types.UILayout, entry: ResultEntry) -> None:
    """Draw what the selected result is, and what can be done with it."""
    request = entry.request
    column.label(text=shown_prompt(entry))
    details = column.column(align=True)
    details.active = False
    variation = f" ~ {request.variation_seed}" if request.variation_seed >= 0 else ""
    details.label(text=f"{model_label(request.model)}  ·  {request.seed}{variation}")
    if request.created:
        details.label(text=time.strftime("%Y-%m-%d %H:%M", time.localtime(request.created)))
    column.operator("text3d.result_import", icon="IMPORT")
    draw_uses(column.column(align=True))
    draw_marks(column.row(align=True), entry)
    assets.draw_result_buttons(column)
    draw_files(column.row(align=True), entry)


def draw_uses(column: bpy.types.UILayout) -> None:
    """Draw the buttons that copy values to the panel, and generate again."""
    row = column.row(align=True)
    row.operator("text3d.result_use_prompt", text="Prompt", icon="COPYDOWN")
    row.operator("text3d.result_use_seed", text="Seed", icon="COPYDOWN")
    row.operator("text3d.result_use_settings", text="All", icon="COPYDOWN")
    row = column.row(align=True)
    row.operator("text3d.result_regenerate", text="Regenerate", icon="FILE_REFRESH")
    row.operator("text3d.result_select_objects", text="", icon="RESTRICT_SELECT_OFF")


def draw_marks(row: bpy.types.UILayout, entry: ResultEntry) -> None:
    """Draw the buttons that star and reject."""
    star = row.operator(
        "text3d.result_star", text="Star", icon="SOLO_ON" if entry.is_starred else "SOLO_OFF", depress=entry.is_starred
    )
    star.is_starred = not entry.is_starred
    reject = row.operator("text3d.result_reject", text="Reject", icon="X", depress=entry.is_rejected)
    reject.is_rejected = not entry.is_rejected


def draw_files(row: bpy.types.UILayout, entry: ResultEntry) -> None:
    """Draw the buttons on the files."""
    row.operator("text3d.result_reveal", text="Files", icon="FILE_FOLDER")
    row.operator("text3d.result_export", text="", icon="EXPORT")
    row.operator("text3d.open_recording", text="Recording", icon="PLAY").job_id = entry.job_id
    row.operator("text3d.result_delete", text="", icon="TRASH")


CLASSES = (TEXT3D_PT_results,)
