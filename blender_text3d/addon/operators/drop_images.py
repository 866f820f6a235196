# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files dropped on the viewport, which become objects, or on the sidebar, where one becomes the panel's image."""

from pathlib import Path

import bpy

from ...protocol.request import MAX_RESULTS
from ...protocol.validation import truncated_repr
from ..jobs import submit
from ..settings.remote_paths import is_remote_path
from ..state.image_size import pixel_count
from .generate import start
from .images import choose_image

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp")
CONFIRM_ABOVE = 8
MAX_NAMED = 3


class DroppedFiles:
    """Properties of an operator that gets dropped files, or files chosen in a file browser."""

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    files: bpy.props.CollectionProperty(type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default=";".join(f"*{suffix}" for suffix in EXTENSIONS), options={"HIDDEN"})

    def paths(self) -> list[Path]:
        """Return the files."""
        return [Path(self.directory) / file.name for file in self.files]


class TEXT3D_OT_drop_images(DroppedFiles, bpy.types.Operator):
    """Generate an object from each image file"""

    bl_idname = "text3d.drop_images"
    bl_label = "Generate Objects from Images"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.files:
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        paths = self.paths()
        if len(paths) > CONFIRM_ABOVE:
            title = f"Generate {len(paths)} Objects"
            return context.window_manager.invoke_confirm(self, event, title=title, confirm_text="Generate")
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        paths = self.paths()
        if not 0 < len(paths) <= MAX_RESULTS:
            self.report({"ERROR"}, f"{len(paths)} files were dropped. Drop 1 to {MAX_RESULTS} images at once.")
            return {"CANCELLED"}
        images = [path for path in paths if is_image(path)]
        if others := [path.name for path in paths if path not in images]:
            self.report({"WARNING" if images else "ERROR"}, others_message(others))
        return start(self, submit.generate_from_images, context.scene, images) if images else {"CANCELLED"}


class TEXT3D_OT_drop_image(DroppedFiles, bpy.types.Operator):
    """Use an image file as the image to generate from"""

    bl_idname = "text3d.drop_image"
    bl_label = "Use as Image to Generate From"
    bl_options = {"REGISTER", "UNDO"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.files:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        images = [path for path in self.paths() if is_image(path)]
        if not images:
            self.report({"ERROR"}, others_message([path.name for path in self.paths()]))
            return {"CANCELLED"}
        choose_image(context.scene.text3d, str(images[0]))
        return {"FINISHED"}


def is_image(path: Path) -> bool:
    """True for a PNG, JPEG or WebP file on this machine that has pixels."""
    try:
        return not is_remote_path(str(path)) and pixel_count(path) > 0
    except (OSError, ValueError):
        return False


def others_message(names: list[str]) -> str:
    """Return that these files are no images, the first few by name."""
    named = ", ".join(truncated_repr(name) for name in names[:MAX_NAMED])
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"Not readable as a PNG, JPEG or WebP image: {named}{more}."


class TEXT3D_FH_viewport(bpy.types.FileHandler):
    """Drop target for image files: the 3D viewport."""

    bl_idname = "TEXT3D_FH_viewport"
    bl_label = "Text3D: Generate Objects from Images"
    bl_import_operator = TEXT3D_OT_drop_images.bl_idname
    bl_file_extensions = ";".join(EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return is_over(context, "WINDOW")


class TEXT3D_FH_sidebar(bpy.types.FileHandler):
    """Drop target for an image file: the sidebar of the 3D viewport."""

    bl_idname = "TEXT3D_FH_sidebar"
    bl_label = "Text3D: Use as Image to Generate From"
    bl_import_operator = TEXT3D_OT_drop_image.bl_idname
    bl_file_extensions = ";".join(EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return is_over(context, "UI")


def is_over(context: bpy.types.Context, region_type: str) -> bool:
    """True if the mouse is over a region of this type in a 3D viewport."""
    is_viewport = context.area is not None and context.area.type == "VIEW_3D"
    return is_viewport and context.region is not None and context.region.type == region_type


CLASSES = (TEXT3D_OT_drop_images, TEXT3D_OT_drop_image, TEXT3D_FH_viewport, TEXT3D_FH_sidebar)
