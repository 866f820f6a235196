# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of objects → GLB, USD, OBJ or FBX by Blender's own exporters, which keep quads and materials."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import bpy

from ...scene.export_copies import (
    CopyOptions,
    ExportScene,
    can_copy,
    export_scene,
    inside,
    store_images,
    with_instances,
)
from ..state.name_list import quoted_names
from .file_names import file_stem, write_error
from .options import Content, ExportError, ExportOptions, Group, Plan, meters_per_unit
from .printing import problems_without

GLTF = {
    "export_format": "GLB", "use_active_scene": True, "export_extras": True, "export_animations": False,
    "export_cameras": False, "export_lights": False, "export_yup": True, "check_existing": False,
}  # fmt: skip
USD = {"export_animation": False, "export_custom_properties": True, "export_lights": False, "export_cameras": False,
       "relative_paths": True, "check_existing": False}  # fmt: skip
OBJ = {"export_selected_objects": False, "path_mode": "COPY", "export_eval_mode": "DAG_EVAL_VIEWPORT",
       "check_existing": False}  # fmt: skip
FBX = {
    "use_selection": False, "object_types": {"MESH", "EMPTY"}, "use_mesh_modifiers": False, "bake_anim": False,
    "path_mode": "COPY", "embed_textures": True, "use_custom_props": True, "apply_scale_options": "FBX_SCALE_UNITS",
    "mesh_smooth_type": "FACE", "check_existing": False,
}  # fmt: skip
PNG_END = b"IEND\xaeB`\x82"
EXPORTERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "GAME": ("export_scene", "gltf", GLTF),
    "USD": ("wm", "usd_export", USD),
    "OBJ": ("wm", "obj_export", OBJ),
    "FBX": ("export_scene", "fbx", FBX),
}
"""The operator and its settings, by preset."""


def blender_plan(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Plan:
    """Return how objects are written by Blender's exporter of a preset.

    Raises:
        ExportError: The exporter is off.
    """
    run = exporter_of(options.preset)
    able = [target for target in targets if can_copy(target)]
    problems = problems_without(targets, able)
    if names := with_instances(targets):
        problems.append(f"The instances of {quoted_names(names)} were left out. Web and Print take them.")
    return Plan(partial(content_of, run, options), able, problems)


def exporter_of(preset: str) -> Callable[..., set[str]]:
    """Return the operator of a preset with its settings.

    Raises:
        ExportError: The add-on that has it is off.
    """
    module, name, settings = EXPORTERS[preset]
    operator = getattr(getattr(bpy.ops, module), name)
    try:
        operator.get_rna_type()
    except KeyError as error:
        raise ExportError(f"Blender's {name.upper()} exporter is off. Turn it on in Preferences > Add-ons.") from error
    return partial(operator, **settings)


def content_of(run: Callable[..., set[str]], options: ExportOptions, group: Group) -> Content:
    """Return the files that an exporter writes for a group.

    They are first written to a temporary folder next to the target, since other disks may be full.

    Raises:
        ExportError: It cannot write them.
    """
    try:
        with tempfile.TemporaryDirectory(
            prefix=".text3d-", dir=group.path.parent, ignore_cleanup_errors=True
        ) as folder:
            return exported(run, options, group, Path(folder))
    except OSError as error:
        raise write_error(group.path, error) from error


def exported(run: Callable[..., set[str]], options: ExportOptions, group: Group, folder: Path) -> Content:
    """Export copies of the objects into a folder, and return its files."""
    copying = CopyOptions(
        meters_per_unit(),
        is_at_origin=options.is_at_origin and len(group.targets) == 1,
        side=options.texture_side,
        lod_levels=options.lod_levels,
        has_lod_groups=options.preset == "FBX",
    )
    with export_scene(group.targets, copying) as made:
        path = folder / group.path.name
        if options.preset == "OBJ":
            store_images(made.copies, partial(store_image, folder, group.path.stem))
        run_in(made, run, path)
        if not path.is_file() or not is_whole(path, made.copies):
            raise ExportError(f"{group.path.name} was not written completely. Is the disk full?")
        others = sorted(item.name for item in folder.iterdir() if item.is_file() and item != path)
        files = {name: (folder / name).read_bytes() for name in [*others, path.name]}
        return Content(files, made.problems)


def is_whole(path: Path, copies: Sequence[bpy.types.Object]) -> bool:
    """Return True unless a file is cut, which Blender's exporter of OBJ does not tell."""
    content = path.read_bytes()
    if path.suffix != ".obj":
        return bool(content)
    meshes: list[Any] = [copied.data for copied in copies]
    faces = sum(len(mesh.polygons) for mesh in meshes)
    return content.endswith(b"\n") and content.count(b"\nf ") == faces


def store_image(folder: Path, stem: str, image: Any) -> None:
    """Save an image as PNG in a folder, named after the main file and itself.

    Raises:
        ExportError: It cannot be saved.
    """
    name = file_stem(image.name).replace(" ", "_")  # the material file ends names at spaces
    first = stem.replace(" ", "_")
    names = [first, f"{first}_{name}", *(f"{first}_{name}_{number}" for number in range(2, 1000))]
    path = next(path for path in (folder / f"{each}.png" for each in names) if not path.exists())
    image.file_format = "PNG"
    try:
        image.save(filepath=str(path))
        is_saved = path.read_bytes().endswith(PNG_END)
    except (OSError, RuntimeError):
        is_saved = False
    if not is_saved:
        raise ExportError(f"The texture {path.name} was not written completely. Is the disk full?")
    image.source, image.filepath = "FILE", str(path)


def run_in(made: ExportScene, run: Callable[..., set[str]], path: Path) -> None:
    """Run an exporter on a scene.

    Raises:
        ExportError: It refuses.
    """
    try:
        with inside(made.scene):
            run(filepath=str(path))
    except RuntimeError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise ExportError(f"{path.name} was not written: {lines[-1].strip() if lines else error}") from error
