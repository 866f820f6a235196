# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of a background Blender that renders the views of objects with procedural or mixed materials.

Its argument is a folder with `object.blend` and `views.json`, see `write_for_rendering`. It prints a line of JSON for
each view, and adds the views to the mesh's file. Scripts and drivers of the file are not run.
"""

import json
import os
import sys
import traceback
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np

from ..geometry.rendered_views import RenderedViews, add_rendered_views
from .render_files import BLEND_FILE, SETTINGS_FILE, RenderSettings, read_settings, replace_images
from .shader_looks import ShaderReader
from .shown_as_in_viewport import fill_empty_slots, show_as_in_viewport
from .unlit_material import make_unlit, measured_surface
from .unrendered_nodes import replace_unrendered_nodes
from .view_renderer import rendered_views, set_up_rendering

MAX_OUTSIDE, MAX_MISSING = 0.02, 0.1
"""Shares of the longest side by which what is seen may be larger, and smaller, than the captured bounding box."""


def main(folder: Path) -> None:
    """Render the views of the objects in a folder.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: The rendered shape is not the captured one.
    """
    settings = read_settings(folder / SETTINGS_FILE)
    prepare(folder, settings)
    low, high = np.array(settings.low), np.array(settings.high)
    steps = rendered_views(settings.views, settings.side, (low + high) / 2, float((high - low).max()), unlit(), folder)
    views = printed(steps)
    check_shape(views, low, high)
    add_rendered_views(folder / settings.mesh, views)


def prepare(folder: Path, settings: RenderSettings) -> None:
    """Load the objects into an empty scene, as the viewport showed them."""
    load_objects(folder, settings.objects, settings.linked)
    scene: Any = bpy.context.scene
    replace_images(folder, settings)
    scene.render.use_simplify = settings.simplify_subdivision >= 0
    scene.render.simplify_subdivision_render = max(settings.simplify_subdivision, 0)
    scene.frame_set(settings.frame, subframe=settings.subframe)
    show_as_in_viewport()
    fill_empty_slots()
    set_up_rendering(settings.side)


def load_objects(folder: Path, own: list[str], linked: list[tuple[str, str]]) -> None:
    """Load objects into an empty scene without running scripts.

    Args:
        folder: The folder with the file that was written for rendering.
        own: Names of the objects in it.
        linked: Path and name of each object of another file.

    Raises:
        OSError: A file cannot be read.
    """
    cast(Any, bpy.context).preferences.filepaths.use_scripts_auto_execute = False
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if own:
        append(folder / BLEND_FILE, own)
    for path, name in linked:
        append(Path(path), [name])
    make_local()


def append(path: Path, names: list[str]) -> None:
    """Append objects of a file to the scene.

    Raises:
        OSError: The file cannot be read.
    """
    with cast(Any, bpy.data.libraries).load(str(path)) as (_, here):
        here.objects = list(names)
    for target in here.objects:
        if target is not None:
            cast(Any, bpy.context.scene).collection.objects.link(target)


def make_local() -> None:
    """Make everything local that comes from other files: else it could not be changed."""
    for collection in (bpy.data.objects, bpy.data.collections, bpy.data.meshes, bpy.data.curves, bpy.data.metaballs):
        for item in list(collection):
            if item.library is not None:
                item.make_local()
    for item in [*bpy.data.materials, *bpy.data.node_groups]:
        if item.library is not None:
            item.make_local()


def unlit() -> Any:
    """Rewrite all materials; return the node group that they share."""
    measured, reader = measured_surface(), ShaderReader()
    replace_unrendered_nodes(reader)
    for material in list(bpy.data.materials):
        if not material.is_grease_pencil:
            make_unlit(material, reader, measured)
    return measured


def printed(steps: Generator[int, None, RenderedViews]) -> RenderedViews:
    """Take all steps and print each; return their result."""
    while True:
        try:
            write_line(view=next(steps))
        except StopIteration as end:
            views: RenderedViews = end.value
            return views


def write_line(**values: int | str) -> None:
    """Write values as a line of JSON to the standard output."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def check_shape(views: RenderedViews, low: np.ndarray, high: np.ndarray) -> None:
    """Require that the views show a shape of the captured size.

    Raises:
        ValueError: They do not: a driver, a simulation or another file may be missing here.
    """
    half = (high - low) / float((high - low).max()) / 2
    places = visible_places(views)
    ends = np.stack([-places.min(axis=0, initial=np.inf), places.max(axis=0, initial=-np.inf)])
    if (ends > half + MAX_OUTSIDE).any() or (ends < half - MAX_MISSING).any():
        raise ValueError("the objects look different in a background Blender")


def visible_places(views: RenderedViews) -> np.ndarray:
    """Return the places `(Q, 3) float32` that the views show, relative to the middle."""
    view, row, column = np.nonzero(views.depths)
    side = views.images.shape[1]
    right, down, forward, origin = views.cameras[view, :12].reshape(-1, 4, 3).transpose(1, 0, 2)
    slopes = np.tan(views.cameras[view, 12:13] / 2)
    across, along = (((index[:, None] + 0.5) / side * 2 - 1) * slopes for index in (column, row))
    depths = views.depths_in_units()[view, row, column][:, None]
    places: np.ndarray = origin + depths * (forward + right * across + down * along)
    return places


def run(folder: Path) -> None:
    """Run the program, and end the process at once: the `bpy` module may crash or never come to an end after it."""
    code = 1
    try:
        main(folder)
        code = 0
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        write_line(error=str(error))
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run(Path(sys.argv[-1]))
