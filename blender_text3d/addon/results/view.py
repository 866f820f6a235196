# SPDX-License-Identifier: GPL-3.0-or-later
"""WindowManager.text3d_results: which results the strip shows, and which one is selected. Undo leaves it alone."""

from pathlib import Path
from typing import Any

import bpy

from ...client.results.index import ResultFilter, words_of
from ...system.lazy_dataclass import lazy_dataclass
from ..settings.choices import choices

NAME = "text3d_results"
MAX_SEARCH_LENGTH = 200
THIS_FILE, ALL = "FILE", "ALL"
SCOPE_ITEMS = (
    (ALL, "All", "All results in the jobs folder", 0),
    (THIS_FILE, "This File", "Results that objects of this file were made by, with all their versions", 1),
)


@lazy_dataclass(frozen=True)
class View:
    """Filter and page of the results strip.

    Attributes:
        jobs_dir: The folder of job folders.
        wanted: The filter, without the jobs of this file.
        is_this_file: True to show the jobs of this file only.
        page: Index of the page.
    """

    jobs_dir: Path
    wanted: ResultFilter
    is_this_file: bool = False
    page: int = 0


class TEXT3D_ResultsView(bpy.types.PropertyGroup):
    """The filter row, the page and the selection of the results."""

    scope: bpy.props.EnumProperty(name="Show", description="Which results to show", items=SCOPE_ITEMS, default=ALL)
    search: bpy.props.StringProperty(
        name="Search", description="Show results whose prompt contains all these words. A number finds a seed",
        maxlen=MAX_SEARCH_LENGTH, options={"TEXTEDIT_UPDATE"},
    )  # fmt: skip
    is_starred_only: bpy.props.BoolProperty(name="Starred Only", description="Show starred results only")
    has_rejected: bpy.props.BoolProperty(name="Show Rejected", description="Show rejected results, too")
    page: bpy.props.IntProperty(name="Page", description="Index of the page", min=0)
    selected: bpy.props.StringProperty(name="Selected", description="Name of the job folder of the selected result")


def settings() -> TEXT3D_ResultsView:
    """Return the stored values."""
    manager: Any = bpy.context.window_manager
    values: TEXT3D_ResultsView = getattr(manager, NAME)
    return values


def current_view() -> View:
    """Return which results the strip should show now. Reads no files."""
    values = settings()
    wanted = ResultFilter(words_of(values.search), values.is_starred_only, values.has_rejected)
    return View(choices().jobs_dir, wanted, values.scope == THIS_FILE, values.page)


def add() -> None:
    """Add the values to the window manager; the class is registered."""
    properties: Any = bpy.props
    setattr(bpy.types.WindowManager, NAME, properties.PointerProperty(type=TEXT3D_ResultsView))


def remove() -> None:
    """Remove the values."""
    delattr(bpy.types.WindowManager, NAME)
