# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that keep objects and results as assets, and add the library folder to Blender's preferences."""

from pathlib import Path

import bpy

from ...client.results.marks import STARRED, is_marked
from ...protocol.errors import BadRequest
from ...protocol.job_folder import JobFolder
from ..assets import task
from ..results.strip import strip
from ..settings.asset_choices import AssetChoices, asset_choices, stored_preferences
from ..settings.choices import absolute
from .poll import is_in_object_mode, is_met
from .results import ResultError, result_folder

FILE, FOLDER = "FILE", "FOLDER"
LIBRARY_ITEMS = (
    (FILE, "This File", "Mark the objects in this file", "FILE_BLEND", 0),
    (FOLDER, "Library Folder", "Write a file for each object to the library folder", "FILE_FOLDER", 1),
)  # fmt: skip
OBJECTS, RESULT, STARRED_RESULTS = "OBJECTS", "RESULT", "STARRED"
SOURCE_ITEMS = (
    (OBJECTS, "Selected Objects", "The objects that are selected in the scene", 0),
    (RESULT, "Selected Result", "The result that is selected in the list, in the scene or not", 1),
    (STARRED_RESULTS, "Starred Results", "All starred results in the jobs folder, in the scene or not", 2),
)
DIALOG_WIDTH = 400
ADD_LIBRARY_LINES = (
    "{folder}",
    "is added to Preferences > File Paths > Asset Libraries,",
    "with the import method Append. The Asset Browser of every",
    "file will show it. No file is changed.",
)
NO_FOLDER = "There is no library folder. Choose one in the panel or the preferences first."


class TEXT3D_OT_keep_as_asset(bpy.types.Operator):
    """Keep objects or results as assets with preview, catalog and tags. Keeping one again updates it"""

    bl_idname = "text3d.keep_as_asset"
    bl_label = "Keep as Asset"
    bl_options = {"REGISTER", "UNDO"}

    library: bpy.props.EnumProperty(name="Library", description="Where to keep assets", items=LIBRARY_ITEMS)
    source: bpy.props.EnumProperty(
        name="Source", description="What to keep", items=SOURCE_ITEMS, options={"SKIP_SAVE"}
    )  # fmt: skip
    folder: bpy.props.StringProperty(
        name="Folder", description="Library folder. Empty: that of the preferences", options={"SKIP_SAVE"}
    )  # fmt: skip
    job_id: bpy.props.StringProperty(
        name="Job", description="Name of the job folder. Empty: the selected result", options={"SKIP_SAVE", "HIDDEN"}
    )
    catalog: bpy.props.StringProperty(
        name="Catalog", description="Path of the catalog, such as Props/Chairs. Empty: Text3D and the kind of object"
    )
    has_real_size: bpy.props.BoolProperty(
        name="Real Size", description="Write an object of a known kind, such as a mug or a house, to the library "
        "folder in the size of a real one. The object in the scene keeps its size",
    )  # fmt: skip
    author: bpy.props.StringProperty(name="Author", description="Empty: the author in the preferences")
    license: bpy.props.StringProperty(name="License", description="Empty: the license in the preferences")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_in_object_mode(cls, context) and is_met(cls, task.current() is None, "Assets are being kept")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...exports.asset_catalogs import catalog_path
        from ...exports.asset_files import require_library
        from ..assets.items import Wanted

        chosen = asset_choices()
        try:
            folder = wanted_folder(self.folder, chosen) if self.library == FOLDER else None
            if folder is not None:
                require_library(folder)
            catalog = catalog_path(self.catalog) if self.catalog.strip() else ""
            items = self.items(context)
        except (BadRequest, ResultError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        context.view_layer.update()
        texts = (self.author or chosen.author, self.license or chosen.license)
        return self.report_on(task.start(items, Wanted(folder, catalog, *texts, self.has_real_size)))

    def items(self, context: bpy.types.Context) -> list:  # type: ignore[type-arg]
        """Return what to keep.

        Raises:
            ResultError: There is nothing.
        """
        from ..assets.items import Item

        if self.source == OBJECTS:
            targets = objects_to_keep(context)
            if not targets:
                raise ResultError("No object is selected. Select one first.")
            return [Item(target.name, target.session_uid) for target in targets]
        if self.source == RESULT:
            job = result_folder(self.job_id)
            return [Item(prompt_of(job), job=job)]
        jobs = starred_results()
        if not jobs:
            raise ResultError("No result is starred. Star one under Results first.")
        return [Item(prompt_of(job), job=job) for job in jobs]

    def report_on(self, keeping: "task.Keeping") -> set[str]:
        """Report what was kept, unless that goes on."""
        if task.current() is keeping:
            self.report({"INFO"}, f"Keeping {len(keeping.items)} assets")
            return {"FINISHED"}
        self.report({"WARNING" if keeping.kept else "ERROR"} if keeping.refused else {"INFO"}, keeping.message)
        for notice in keeping.notices:
            self.report({"WARNING"}, notice)
        return {"FINISHED"} if keeping.kept else {"CANCELLED"}


def wanted_folder(typed: str, chosen: AssetChoices) -> Path:
    """Return the library folder: the operator's own, or that of the preferences.

    Raises:
        ResultError: There is none.
    """
    if typed.strip():
        return absolute(typed) or Path(typed)
    if chosen.folder is None:
        raise ResultError(NO_FOLDER)
    stored = stored_preferences()
    if stored is not None and stored.asset_folder.startswith("//"):  # relative to this file, and others follow
        stored.asset_folder = str(chosen.folder)
    return chosen.folder


def objects_to_keep(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Return the selected objects, or the active one if none is selected."""
    active = context.view_layer.objects.active
    return list(context.selected_objects) or ([active] if active is not None else [])


def starred_results() -> list[JobFolder]:
    """Return all starred results in the jobs folder, oldest first."""
    from ...client.results.entry import is_own_folder
    from ..settings.choices import choices

    jobs_dir = choices().jobs_dir
    folders = [JobFolder(path) for path in sorted(jobs_dir.iterdir())] if jobs_dir.is_dir() else []
    return [folder for folder in folders if is_marked(folder, STARRED) and is_own_folder(folder.path)]


def prompt_of(job: JobFolder) -> str:
    """Return the prompt of a job as far as it is known, else its name."""
    entry = strip.entry(job.job_id)
    return entry.request.prompt if entry else job.job_id


class TEXT3D_OT_cancel_assets(bpy.types.Operator):
    """Stop keeping assets. Those that are done stay"""

    bl_idname = "text3d.cancel_assets"
    bl_label = "Stop Keeping Assets"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, task.current() is not None, "No assets are being kept")

    def execute(self, context: bpy.types.Context) -> set[str]:
        task.cancel()
        return {"FINISHED"}


class TEXT3D_OT_add_asset_library(bpy.types.Operator):
    """Add the library folder to the asset libraries in Blender's preferences, so that the Asset Browser shows it"""

    bl_idname = "text3d.add_asset_library"
    bl_label = "Add Asset Library"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, asset_choices().folder is not None, "Requires a library folder")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(
            self, width=DIALOG_WIDTH, title="Add Asset Library", confirm_text="Add"
        )

    def draw(self, context: bpy.types.Context) -> None:
        for line in ADD_LIBRARY_LINES:
            self.layout.label(text=line.format(folder=asset_choices().folder))

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...exports.asset_files import require_library
        from ..assets.library import add_library, library_of, refresh_browsers

        folder = wanted_folder("", asset_choices())
        try:
            require_library(folder)
        except BadRequest as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        is_known = library_of(folder) is not None
        name = add_library(folder).name
        refresh_browsers()
        self.report({"INFO"}, f'"{name}" is {"already an" if is_known else "a new"} asset library')
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_keep_as_asset, TEXT3D_OT_cancel_assets, TEXT3D_OT_add_asset_library)
