# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that puts an object's colours into a texture."""

from contextlib import contextmanager

import bpy

from .recipe import active_recipe

SIZES = (
    ("512", "512 px", "Small, for far away"),
    ("1024", "1024 px", "The usual size, done in about a second"),
    ("2048", "2048 px", "Sharp; Blender waits for some seconds"),
)


class TEXT3D_OT_bake_texture(bpy.types.Operator):
    """Put the colours of the active object into an image, for other programs: makes UVs where there are none"""

    bl_idname = "text3d.bake_texture"
    bl_label = "Bake to Texture"
    bl_options = {"REGISTER", "UNDO"}

    size: bpy.props.EnumProperty(name="Size", description="Side of the image", items=SIZES, default="1024")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        target = context.view_layer.objects.active
        if context.mode != "OBJECT":
            cls.poll_message_set("Textures are baked in Object Mode")
            return False
        if active_recipe(context) is None or target.type != "MESH" or not len(target.data.polygons):
            cls.poll_message_set("Only a mesh with faces can wear a texture")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.bake import BakeError, bake_texture

        try:
            with waiting(context):
                image = bake_texture(context.view_layer.objects.active, int(self.size))
        except BakeError as reason:
            self.report({"ERROR"}, str(reason))
            return {"CANCELLED"}
        self.report({"INFO"}, f'The colours are in the image "{image.name}", which is packed in this file')
        return {"FINISHED"}


@contextmanager
def waiting(context: bpy.types.Context):
    """The cursor says that Blender is busy."""
    if context.window:
        context.window.cursor_modal_set("WAIT")
    try:
        yield
    finally:
        if context.window:
            context.window.cursor_modal_restore()


CLASSES = (TEXT3D_OT_bake_texture,)
