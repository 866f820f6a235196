# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a background Blender renders objects from: the objects, the settings, and painted images."""

import json
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import bpy
import numpy as np

from ..geometry.safe_npz import arrays_in
from .texture_bytes import MAX_SIDE

BLEND_FILE, SETTINGS_FILE, IMAGE_FILE = "object.blend", "views.json", "image_{}.npz"
INSTANCERS = ("VERTS", "FACES")


class RenderSettings(NamedTuple):
    """Settings of the background Blender.

    Attributes:
        mesh: Name of the file in the same folder that the views are added to.
        objects: Names of the objects in the file.
        linked: Path and name of each object that is linked from another file.
        low, high: Their bounding box in world space.
        frame, subframe: The frame that is shown.
        simplify_subdivision: Limit of subdivisions in the viewport, or -1 without a limit.
        views: Number of views.
        side: Their width and height in pixels.
        images: Names of painted images that were not saved; `image_0.npz` has the first one's pixels.
    """

    mesh: str
    objects: list[str]
    linked: list[tuple[str, str]]
    low: list[float]
    high: list[float]
    frame: int
    subframe: float
    simplify_subdivision: int
    views: int
    side: int
    images: list[str]


def read_settings(path: Path) -> RenderSettings:
    """Read the settings.

    Raises:
        OSError, ValueError, TypeError: The file is missing or not complete.
    """
    return RenderSettings(**json.loads(path.read_text(encoding="utf-8")))


def write_for_rendering(
    folder: Path, mesh: str, uids: Sequence[int], box: tuple[Any, Any], views: int, side: int, materials: Iterable[str]
) -> Generator[None, None, None]:
    """Write objects with all that they use to a folder; yield between steps.

    The objects are written in one step: a few milliseconds, and a tenth of a second for half a million faces.

    Args:
        folder: The folder.
        mesh: Name of the captured mesh's file in it.
        uids: Session UIDs of the objects.
        box: The lower and upper end of their bounding box in world space.
        views: Number of views.
        side: Their width and height in pixels.
        materials: Names of the materials whose images are written, where they were painted and not saved.

    Raises:
        OSError, RuntimeError: A file cannot be written.
    """
    images = painted_images(materials)
    for number, name in enumerate(images):
        write_pixels(folder / IMAGE_FILE.format(number), bpy.data.images.get(name))
        yield
    scene: Any = bpy.context.scene
    objects = written_objects(uids)
    linked = [(bpy.path.abspath(item.library.filepath), item.name) for item in objects if item.library]
    low, high = ([float(value) for value in end] for end in box)
    limit = scene.render.simplify_subdivision if scene.render.use_simplify else -1
    settings = RenderSettings(
        mesh, [item.name for item in objects if not item.library], linked, low, high,
        scene.frame_current, scene.frame_subframe, limit, views, side, images,
    )  # fmt: skip
    (folder / SETTINGS_FILE).write_text(json.dumps(settings._asdict()), encoding="utf-8")
    yield
    own = {item for item in written_objects(uids) if not item.library}
    if own:  # Blender 4.2 crashes without any
        bpy.data.libraries.write(str(folder / BLEND_FILE), own, path_remap="ABSOLUTE")
    yield


def written_objects(uids: Sequence[int]) -> list[bpy.types.Object]:
    """Return the objects of the view layer, with the children that some of them show as instances."""
    found = [item for item in cast(Any, bpy.context).view_layer.objects if item.session_uid in uids]
    children = [child for item in found if item.instance_type in INSTANCERS for child in item.children_recursive]
    return list(dict.fromkeys([*found, *children]))


def painted_images(materials: Iterable[str]) -> list[str]:
    """Return the names of the images in materials whose pixels are in memory alone."""
    trees, seen, found = [], set[str](), dict[str, None]()
    trees = [item.node_tree for item in bpy.data.materials if item.name in materials and item.node_tree]
    while trees:
        tree: Any = trees.pop()
        for node in tree.nodes:
            if node.type == "GROUP" and node.node_tree and node.node_tree.name_full not in seen:
                seen.add(node.node_tree.name_full)
                trees.append(node.node_tree)
            image = getattr(node, "image", None)
            if image is not None and image.is_dirty and image.library is None:
                found[image.name] = None
    return list(found)


def write_pixels(path: Path, image: Any) -> None:
    """Write the pixels `(H, W, C)` of an image, bottom row first, every n-th of a large one.

    They are float32 or, if that is all the image has, uint8.
    """
    if image is None or not all(image.size):
        return
    width, height = image.size
    values = np.zeros((height, width, image.channels), np.float32)
    image.pixels.foreach_get(values.reshape(-1))
    every = -(-max(width, height) // MAX_SIDE)
    values = values[::every, ::every]
    np.savez(path, pixels=values if image.is_float else (values.clip(0, 1) * 255).round().astype(np.uint8))


def with_four_channels(values: np.ndarray) -> np.ndarray:
    """Return pixels `(H, W, C) float32` as `(H, W, 4)`: gray ones in all channels, opaque ones with an alpha of 1."""
    if values.shape[2] == 4:
        return values
    colors = values if values.shape[2] == 3 else np.repeat(values[..., :1], 3, axis=2)
    return np.concatenate([colors, np.ones_like(colors[..., :1])], axis=2)


def replace_images(folder: Path, settings: RenderSettings) -> None:
    """Let materials use the pixels that were in memory instead of the images in the file."""
    for number, name in enumerate(settings.images):
        path, old = folder / IMAGE_FILE.format(number), bpy.data.images.get(name)
        if old is None or not path.is_file():
            continue
        values = arrays_in(path)["pixels"]
        values = values if values.dtype == np.float32 else values.astype(np.float32) / 255
        values = with_four_channels(values)
        new: Any = bpy.data.images.new(name, values.shape[1], values.shape[0], alpha=True, float_buffer=old.is_float)
        new.colorspace_settings.name, new.alpha_mode = old.colorspace_settings.name, old.alpha_mode
        new.pixels.foreach_set(values.reshape(-1))
        old.user_remap(new)
