# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that bakes the colors of the selected objects into textures."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ..texture_files import image_saver, texture_folder
from .poll import is_in_object_mode, is_met

SIZES = (
    ("256", "256 px", "Tiny, for icons and crowds", 3),
    ("512", "512 px", "Small, for distant objects", 0),
    ("1024", "1024 px", "Default size, takes about a second", 1),
    ("2048", "2048 px", "Sharp, takes a few seconds", 2),
    ("4096", "4096 px", "Sharpest, takes many seconds and much memory", 4),
)
UV_MAPS = (
    ("EXISTING", "Existing", "Use the UV map of the object, or create one if there is none"),
    ("NEW", "New", "Create another UV map and leave the existing ones as they are"),
)
STORAGES = (
    ("PACKED", "Packed", "Store the images in the .blend file"),
    ("FILE", "PNG Files", "Save the images to a textures folder next to the .blend file"),
)


class TEXT3D_OT_bake_texture(bpy.types.Operator):
    """Bake the colors of the selected objects into image textures for other programs. Creates UVs if there are none"""

    bl_idname = "text3d.bake_texture"
    bl_label = "Bake to Texture"
    bl_options = {"REGISTER", "UNDO"}

    size: bpy.props.EnumProperty(name="Size", description="Width and height of the image", items=SIZES, default="1024")
    margin: bpy.props.IntProperty(
        name="Margin", description="Pixels between the parts of new UVs, which colors are extended into",
        default=4, min=1, max=64, subtype="PIXEL",
    )  # fmt: skip
    uv_map: bpy.props.EnumProperty(name="UV Map", description="UV map that the image belongs to", items=UV_MAPS)
    keep_attribute: bpy.props.BoolProperty(
        name="Keep Color Attribute", description="Keep the colors in the mesh, to bake them again", default=True
    )
    storage: bpy.props.EnumProperty(name="Images", description="Where the images are stored", items=STORAGES)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_in_object_mode(cls, context):
            return False
        active = context.view_layer.objects.active
        targets = [*context.selected_objects, *([active] if active else [])]
        has_faces = any(target.type == "MESH" and len(target.data.polygons) for target in targets)
        return is_met(cls, has_faces, "Requires a mesh with faces")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.storage == "FILE" and not bpy.data.filepath:
            self.report({"ERROR"}, "The .blend file has no folder yet. Save it first, or pack the images.")
            return {"CANCELLED"}
        names, failures = [], {}
        with busy_cursor(context):
            for target in with_different_data(context):
                try:
                    names.append(self.bake(target))
                except Exception as error:
                    failures[target.name] = sentence(target, error)
        if failures:
            self.report({"WARNING"} if names else {"ERROR"}, failures_text(failures))
        elif names:
            baked = f'the image "{names[0]}"' if len(names) == 1 else f"{len(names)} images"
            self.report({"INFO"}, f"Colors baked to {baked}")
        return {"FINISHED"} if names else {"CANCELLED"}

    def bake(self, target: bpy.types.Object) -> str:
        """Bake one object and return the name of its image."""
        from ...scene.bake import bake_texture

        folder = texture_folder() if self.storage == "FILE" else None
        return bake_texture(
            target,
            int(self.size),
            margin=self.margin,
            has_new_uvs=self.uv_map == "NEW",
            keeps_attribute=self.keep_attribute,
            make_image=image_saver(folder) if folder else None,
        ).name


def with_different_data(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Return the active object and the selected ones; of those that share a mesh the first."""
    from ...scene.mesh_selection import selected_objects

    targets = selected_objects(context.view_layer)
    return list({target.data or target: target for target in reversed(targets)}.values())[::-1]


def failures_text(failures: dict[str, str]) -> str:
    """Return what kept objects from being baked, from a sentence for each by its name."""
    from ...scene.mesh_selection import listed

    first = next(iter(failures.values()))
    if len(failures) == 1:
        return first
    return f"Skipped {listed([quoted(name) for name in failures])}. {first}"


def quoted(name: str) -> str:
    """Return a name in quotation marks."""
    return f'"{name}"'


def sentence(target: bpy.types.Object, error: Exception) -> str:
    """Return what kept an object from being baked.

    Raises:
        Exception: The error, if it is not an expected one.
    """
    from ...scene.bake import BakeError

    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f'The image of "{target.name}" cannot be written ({reason}). Free disk space, or pack the images.'
    if isinstance(error, BakeError):
        return str(error)
    raise error


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
