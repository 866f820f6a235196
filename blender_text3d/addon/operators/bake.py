# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that bakes the colors of an object into a texture."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from .poll import is_in_object_mode, is_met
from .recipe import active_recipe

SIZES = (
    ("512", "512 px", "Small, for distant objects"),
    ("1024", "1024 px", "Default size, takes about a second"),
    ("2048", "2048 px", "Sharp, takes a few seconds"),
)


class TEXT3D_OT_bake_texture(bpy.types.Operator):
    """Bake the colors of the active object into an image texture for other programs. Creates UVs if there are none"""

    bl_idname = "text3d.bake_texture"
    bl_label = "Bake to Texture"
    bl_options = {"REGISTER", "UNDO"}

    size: bpy.props.EnumProperty(name="Size", description="Width and height of the image", items=SIZES, default="1024")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        target = context.view_layer.objects.active
        if not is_in_object_mode(cls, context):
            return False
        has_faces = active_recipe(context) is not None and target.type == "MESH" and len(target.data.polygons)
        return is_met(cls, has_faces, "Requires a mesh with faces")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.bake import BakeError, bake_texture

        try:
            with busy_cursor(context):
                image = bake_texture(context.view_layer.objects.active, int(self.size))
        except BakeError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f'Colors baked to the packed image "{image.name}"')
        return {"FINISHED"}


@contextmanager
def busy_cursor(context: bpy.types.Context) -> Iterator[None]:
    """Show the busy cursor."""
    if context.window:
        context.window.cursor_modal_set("WAIT")
    try:
        yield
    finally:
        if context.window:
            context.window.cursor_modal_restore()


CLASSES = (TEXT3D_OT_bake_texture,)
