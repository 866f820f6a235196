# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that take an image from the clipboard, a view, the camera, an object or an image data-block."""

from collections.abc import Callable
from typing import Any

import bpy

from ..jobs.captured_images import save_image
from ..settings.choices import choices
from ..settings.input_kind import IMAGE, choose_input
from ..settings.properties import TEXT3D_Settings
from .bake import busy_cursor
from .poll import has_window, is_met

MAX_LISTED_IMAGES = 500


class CaptureOperator:
    """An operator that makes a captured image the panel's image."""

    bl_options = {"REGISTER", "UNDO"}
    poll_message_set: Callable[[str], None]
    report: Callable[[set[str], str], None]

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...geometry.png import encode_png
        from ...scene.capture import CaptureError

        try:
            with busy_cursor(context):
                name, pixels = self.capture(context)
                path = save_image(choices().jobs_dir.parent, name, encode_png(pixels))
        except (CaptureError, OSError, RuntimeError, ValueError) as error:  # a render raises RuntimeError
            self.report({"ERROR"}, f"No image was captured: {str(error).strip()}")
            return {"CANCELLED"}
        choose_image(context.scene.text3d, str(path))
        self.report({"INFO"}, f'The image is now "{path.stem}"')
        return {"FINISHED"}

    def capture(self, context: bpy.types.Context) -> tuple[str, Any]:
        """Return a name for the object, and the image as `(H, W, 4) uint8` sRGB with straight alpha.

        Raises:
            CaptureError, OSError, RuntimeError, ValueError: There is no image; the message says why.
        """
        raise NotImplementedError


def choose_image(settings: TEXT3D_Settings, path: str) -> None:
    """Make a file the panel's image, and the image the panel's input."""
    settings.image = path
    choose_input(settings, IMAGE)


class TEXT3D_OT_image_from_view(CaptureOperator, bpy.types.Operator):
    """Use what the 3D viewport shows as the image, without background and overlays"""

    bl_idname = "text3d.image_from_view"
    bl_label = "Image from Viewport"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, view_region(context) is not None, "Requires a 3D viewport")

    def capture(self, context: bpy.types.Context) -> tuple[str, Any]:
        from ...scene.capture import capture_view

        return "Viewport", capture_view(context.space_data, view_region(context))


def view_region(context: bpy.types.Context) -> bpy.types.Region | None:
    """Return the region of the 3D viewport around the panel, or None in other editors and without a window."""
    if bpy.app.background or context.area is None or context.area.type != "VIEW_3D":
        return None
    return next(region for region in context.area.regions if region.type == "WINDOW")


class TEXT3D_OT_image_from_camera(CaptureOperator, bpy.types.Operator):
    """Use what the scene's camera sees as the image, with a transparent background"""

    bl_idname = "text3d.image_from_camera"
    bl_label = "Image from Camera"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, context.scene.camera is not None, "The scene has no camera") and can_render(cls)

    def capture(self, context: bpy.types.Context) -> tuple[str, Any]:
        from ...scene.capture import capture_camera

        return context.scene.camera.name, capture_camera(context.scene)


class TEXT3D_OT_image_from_object(CaptureOperator, bpy.types.Operator):
    """Use the selected objects as the image: rendered alone from the view's direction, cut out"""

    bl_idname = "text3d.image_from_object"
    bl_label = "Image from Selected"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, context.selected_objects, "No object is selected") and can_render(cls)

    def capture(self, context: bpy.types.Context) -> tuple[str, Any]:
        from ...scene.capture import capture_objects

        objects = context.selected_objects
        view = getattr(context.space_data, "region_3d", None)
        rotation = view.view_matrix.inverted().to_3x3() if view else None
        name = (context.active_object if context.active_object in objects else objects[0]).name
        return name, capture_objects(objects, rotation)


def can_render(operator: Any) -> bool:
    """True unless Blender renders; the operator's message says so."""
    is_job_running: Any = bpy.app.is_job_running
    return is_met(operator, not is_job_running("RENDER"), "Blender is rendering")


def image_items(operator: bpy.types.Operator, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    """Return one enum item per image data-block of the file; Blender needs the list to stay alive."""
    global _image_items
    names = [image.name for image in bpy.data.images if image.source != "VIEWER" and image.library is None]
    _image_items = [(name, name, "") for name in names[:MAX_LISTED_IMAGES]]
    return _image_items


_image_items: list[tuple[str, str, str]] = []


class TEXT3D_OT_image_from_data(CaptureOperator, bpy.types.Operator):
    """Use an image of this file, such as a texture or a painted image"""

    bl_idname = "text3d.image_from_data"
    bl_label = "Image from This File"
    bl_property = "image"

    image: bpy.props.EnumProperty(name="Image", description="An image data-block of this file", items=image_items)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, image_items(None, context), "This file has no images")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def capture(self, context: bpy.types.Context) -> tuple[str, Any]:
        from ...scene.capture import data_block_pixels

        return self.image, data_block_pixels(bpy.data.images[self.image])


class TEXT3D_OT_paste_image(CaptureOperator, bpy.types.Operator):
    """Use the image in the clipboard, or the image file whose path is in it"""

    bl_idname = "text3d.paste_image"
    bl_label = "Paste Image"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_window(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..jobs.clipboard import clipboard_file

        if path := clipboard_file(context.window_manager.clipboard):
            choose_image(context.scene.text3d, path)
            self.report({"INFO"}, f'The image is now "{path}"')
            return {"FINISHED"}
        return super().execute(context)

    def capture(self, context: bpy.types.Context) -> tuple[str, Any]:
        from ..jobs.clipboard import clipboard_pixels

        return "Pasted Image", clipboard_pixels(context)


class TEXT3D_MT_image_sources(bpy.types.Menu):
    """Sources of the panel's image besides a file."""

    bl_label = "Image From"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("text3d.paste_image", icon="PASTEDOWN")
        layout.operator("text3d.image_from_view", icon="VIEW3D")
        layout.operator("text3d.image_from_camera", icon="CAMERA_DATA")
        layout.operator("text3d.image_from_object", icon="OBJECT_DATA")
        layout.operator("text3d.image_from_data", icon="IMAGE_DATA")


CLASSES = (
    TEXT3D_MT_image_sources,
    TEXT3D_OT_paste_image,
    TEXT3D_OT_image_from_view,
    TEXT3D_OT_image_from_camera,
    TEXT3D_OT_image_from_object,
    TEXT3D_OT_image_from_data,
)
