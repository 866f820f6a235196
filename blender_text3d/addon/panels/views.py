# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a three-step model: its candidates to pick from, and the image model that makes them."""

import os
from pathlib import Path
from typing import Any

import bpy

from ...system.user_folders import WEIGHTS_VARIABLE
from ..background.hub_card_task import hub_card_task
from ..background.weights_task import weights_task
from ..jobs import image_icons
from ..settings.choices import choices
from ..settings.input_kind import IMAGE, input_kind
from ..settings.properties import TEXT3D_Settings
from ..settings.view_settings import DIFFUSERS, makes_views, pipeline
from ..state.problem import ADD_PART
from ..state.session_state import state
from ..state.weight_files import format_bytes
from . import fix_buttons
from .text_wrap import draw_wrapped

COLUMNS = 3
VIEW_SCALE = 3.6  # times the height of a button


def draw_views(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the buttons that make and replace views, and the newest views with a button each that picks one."""
    if not makes_views(settings):
        return
    row = layout.row(align=True)
    row.operator("text3d.generate_views", icon="IMAGE_DATA")
    if state.views:
        row.operator("text3d.generate_views", text="Redraw", icon="FILE_REFRESH").has_new_seed = True
    if state.views:
        draw_candidates(layout, settings)
    layout.operator("text3d.choose_image", text="Use My Image…", icon="FILE_FOLDER")


def draw_candidates(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw each view with its number; the picked one is pressed in."""
    views = state.views
    is_given = input_kind(settings) == IMAGE
    picked = bpy.path.abspath(settings.image) if is_given else str(views.folder.path / views.chosen)
    grid = layout.grid_flow(row_major=True, columns=min(COLUMNS, views.total), even_columns=True, even_rows=True)
    for index, path in enumerate(map(str, views.paths)):
        cell = grid.column(align=True)
        if icon := image_icons.file_icon(path):
            cell.template_icon(icon_value=icon, scale=VIEW_SCALE)
        cell.operator("text3d.pick_view", text=f"Pick {index + 1}", depress=path == picked).index = index


def draw_view_settings(column: bpy.types.UILayout, settings: TEXT3D_Settings, context: bpy.types.Context) -> None:
    """Draw the image model with its source, and how many views it makes."""
    if not makes_views(settings):
        return
    views = column.column()
    views.active = input_kind(settings) != IMAGE
    views.prop(settings, "image_model")
    if settings.image_model == DIFFUSERS:
        views.prop(settings, "pipeline", placeholder="Folder or owner/name")
        views.prop(settings, "negative_prompt", text="Negative", placeholder="None")
        views.prop(settings, "image_size")
        draw_pipeline_state(views.column(), settings, context)
    views.prop(settings, "candidates")


def draw_pipeline_state(layout: bpy.types.UILayout, settings: TEXT3D_Settings, context: bpy.types.Context) -> None:
    """Draw what the pipeline still lacks, with the button for it: the packages, or a download from the hub."""
    from ...environment.optional_parts import DIFFUSERS as PART
    from ...environment.optional_parts import is_installed
    from ...system.hub_names import is_downloaded, is_hub_name

    chosen, name = choices(), pipeline(settings)
    if chosen.own_python is None and not is_installed(chosen.env_dir, PART):
        layout.label(text=f"Needs {PART.label}, {format_bytes(PART.size_bytes)}", icon="INFO")
        fix_buttons.draw(layout, ADD_PART)
    if not is_hub_name(name) or is_downloaded(name, weights_dir()):
        return
    if card := hub_card_task.cards.get(name):
        draw_card(layout.box().column(), card, context)
    else:
        layout.operator("text3d.read_pipeline_card", text="Read License…", icon="INTERNET")


def draw_card(column: bpy.types.UILayout, card: dict[str, Any], context: bpy.types.Context) -> None:
    """Draw the license of a pipeline on the hub, and the button that agrees to it and downloads."""
    row = column.row()
    row.label(text=f"License: {card.get('license')}"[:60], icon="INFO")
    row.operator("wm.url_open", text="", icon="URL").url = str(card.get("page"))
    draw_wrapped(column, "Downloading agrees to the license.", "NONE", context)
    if not weights_task.is_running():
        size = format_bytes(int(card.get("bytes", 0)))
        column.operator("text3d.fetch_pipeline", text=f"Download {size}", icon="IMPORT")


def weights_dir() -> Path:
    """Return the folder of downloaded weights."""
    own = os.environ.get(WEIGHTS_VARIABLE)
    return Path(own) if own else choices().jobs_dir.parent / "weights"
