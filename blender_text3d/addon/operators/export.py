# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that exports the selected objects by a preset, with and without a file browser."""

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .bake import SIZES, busy_cursor
from .file_paths import RELATIVE, is_without_file
from .poll import is_in_object_mode, is_met

if TYPE_CHECKING:
    from ..asset_export.options import Exported, ExportOptions

PRESET_ITEMS = (
    ("GAME", "Game", "A GLB for game engines, with colors baked to a texture", 0),
    ("WEB", "Web", "A small GLB for browsers, with colors or textures as JPEG", 1),
    ("PRINT", "Print", "STL or 3MF in millimeters for 3D printing, with a flat base, checked for holes", 2),
    ("USD", "USD", "A USDZ for other 3D programs, with colors baked to a texture", 3),
    ("OBJ", "OBJ", "An OBJ with its material file and its texture beside it", 4),
    ("FBX", "FBX", "An FBX for game engines and other 3D programs, with the texture inside", 5),
    ("POINTS", "Points", "Point clouds with colors and radii, which Blender's own exporters leave out", 6),
)
POINTS_ITEMS = (
    (".ply", "PLY", "Read by most programs for scans and Gaussian splats", 0),
    (".glb", "GLB", "glTF points, for viewers in a browser", 1),
    (".usd", "USD", "USD points, for renderers", 2),
)


PRINT_ITEMS = (
    (".3mf", "3MF", "With colors, names and the unit", 0),
    (".stl", "STL", "Without colors, for every slicer", 1),
)
FORMATS = {
    "GAME": (".glb",),
    "WEB": (".glb",),
    "PRINT": (".3mf", ".stl"),
    "USD": (".usdz",),
    "OBJ": (".obj",),
    "FBX": (".fbx",),
    "POINTS": (".ply", ".glb", ".usd"),
}
"""Suffixes of the files of each preset; the first one is the default."""
FORMAT_PROPERTIES = {"PRINT": "print_format", "POINTS": "points_format"}
SETTINGS = {
    **dict.fromkeys(("GAME", "FBX"), ("texture_size", "lod_levels", "use_origin")),
    **dict.fromkeys(("USD", "OBJ"), ("texture_size", "use_origin")),
    "WEB": ("quantize", "use_origin"),
    "PRINT": ("print_format", "height_mm", "base_mm"),
    "POINTS": ("points_format", "use_origin"),
}
"""Properties of each preset besides the common ones."""
SUFFIXES = {suffix for formats in FORMATS.values() for suffix in formats}


class TEXT3D_OT_export_asset(bpy.types.Operator):
    """Export the selected objects by a preset: size in meters, modifiers and transforms applied, colors kept"""

    bl_idname = "text3d.export_asset"
    bl_label = "Export"
    bl_options = {"REGISTER", "PRESET"}

    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", *RELATIVE})
    check_existing: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    preset: bpy.props.EnumProperty(name="Preset", description="What the file is for", items=PRESET_ITEMS)
    points_format: bpy.props.EnumProperty(name="Format", description="Format of the file", items=POINTS_ITEMS)
    print_format: bpy.props.EnumProperty(name="Format", description="Format of the file", items=PRINT_ITEMS)
    height_mm: bpy.props.FloatProperty(
        name="Height (mm)",
        description="Height of the print in millimeters. 0 keeps the size of the object",
        default=100.0,
        min=0.0,
        max=100_000.0,
        soft_max=400.0,
    )
    base_mm: bpy.props.FloatProperty(
        name="Flat Base (mm)",
        description="Height in millimeters up to which the bottom is flattened, so that it sticks to the bed",
        default=0.5,
        min=0.0,
        max=100.0,
        soft_max=5.0,
    )
    quantize: bpy.props.BoolProperty(
        name="Quantize",
        description="Store positions in 16 and normals in 8 bits, for browsers and Blender; Open3D does not read that",
        default=False,
    )
    texture_size: bpy.props.EnumProperty(
        name="Texture", description="Width and height of the texture that colors are baked to",
        items=SIZES, default="1024",
    )  # fmt: skip
    lod_levels: bpy.props.IntProperty(
        name="LODs",
        description="Levels of detail besides the full one, with half of the faces each, named NAME_LOD1 and so on",
        default=0,
        min=0,
        max=5,
    )
    is_separate: bpy.props.BoolProperty(
        name="Separate Files",
        description="Write one file per object, named after it, in the folder that is shown",
        default=False,
    )
    overwrite: bpy.props.BoolProperty(
        name="Overwrite", description="Replace existing files of these names", default=False, options={"SKIP_SAVE"}
    )
    use_origin: bpy.props.BoolProperty(
        name="At Origin",
        description="Put an object that is alone in its file at the origin, instead of where it is in the scene",
        default=True,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_in_object_mode(cls, context):
            return False
        return is_met(cls, context.selected_objects, "No object is selected")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ..asset_export.file_names import file_stem

        active, blend = context.view_layer.objects.active, bpy.data.filepath
        name = (active if active in context.selected_objects else context.selected_objects[0]).name
        folder = Path(blend).parent if blend else Path.home()
        self.filepath = str(folder / (file_stem(name) + self.suffix()))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Keep the suffix of the file name that of the format; Blender calls this after each change."""
        path = with_suffix(self.filepath, self.suffix())
        is_changed = path != self.filepath
        self.filepath = path
        return is_changed

    def suffix(self) -> str:
        """Return the suffix of the files: that of the chosen format, or else of the given file."""
        name = FORMAT_PROPERTIES.get(self.preset)
        given = Path(self.filepath).suffix.lower()
        if given in FORMATS[self.preset] and not (name and self.properties.is_property_set(name)):
            return given
        return getattr(self, name) if name else FORMATS[self.preset][0]

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.lods import is_lod_group
        from ..asset_export.export_objects import export_objects
        from ..asset_export.options import ExportError

        targets = [item for item in context.selected_objects if not is_lod_group(item)]
        try:
            with busy_cursor(context):
                return self.reported(export_objects(targets or list(context.selected_objects), self.choices()))
        except ExportError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}

    def choices(self) -> "ExportOptions":
        """Return the choices as the exporters take them.

        Raises:
            ExportError: There is no file name, or it is relative to a file that is not saved.
        """
        from ..asset_export.options import ExportError, ExportOptions

        if not self.filepath:
            raise ExportError("No file is named. Set filepath.")
        if is_without_file(self.filepath):
            raise ExportError(
                f"{self.filepath} is relative to the .blend file, which has not been saved. Save it first."
            )
        return ExportOptions(
            self.preset,
            Path(bpy.path.abspath(with_suffix(self.filepath, self.suffix()))),
            self.suffix(),
            is_separate=self.is_separate,
            is_overwriting=self.overwrite,
            is_at_origin=self.use_origin,
            height_mm=self.height_mm,
            base_mm=self.base_mm,
            is_quantized=self.quantize,
            texture_side=int(self.texture_size),
            lod_levels=self.lod_levels if "lod_levels" in SETTINGS[self.preset] else 0,
        )

    def reported(self, exported: "Exported") -> set[str]:
        """Tell what was written and what was not."""
        files, problems = exported
        if not files:
            self.report({"ERROR"}, " ".join(problems))
            return {"CANCELLED"}
        written = files[0].name if len(files) == 1 else f"{len(files)} files"
        self.report({"WARNING" if problems else "INFO"}, " ".join([f"Exported {written}.", *problems]))
        return {"FINISHED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "preset")
        for name in SETTINGS[self.preset]:
            layout.prop(self, name)
        layout.prop(self, "is_separate")
        layout.prop(self, "overwrite")


def with_suffix(path: str, suffix: str) -> str:
    """Return a path with a suffix, in place of another format's."""
    stem, dot, last = path.rpartition(".")
    is_other = f".{last.lower()}" in SUFFIXES and Path(path).suffix
    return f"{stem if is_other else path}{suffix}" if Path(path).name else path


CLASSES = (TEXT3D_OT_export_asset,)
