# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a background Blender renders a turntable from: the objects and the settings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bpy

from .render_files import BLEND_FILE, IMAGE_FILE, painted_images, write_pixels, written_objects

SETTINGS_FILE, FRAME_NAME = "turntable.json", "{:03d}.png"
IMAGES, VIDEO, GRID = "IMAGES", "VIDEO", "GRID"


class TurntableSettings(NamedTuple):
    """Settings of a turntable: objects, appearance and files.

    Attributes:
        objects: Names of the objects in the file; none if the frames are rendered already.
        linked: Path and name of each object that is linked from another file.
        images: Names of painted images that were not saved; `image_0.npz` has the first one's pixels.
        frame, subframe: The frame that is shown.
        engine: "CYCLES", "EEVEE" or "WORKBENCH".
        samples: Samples per pixel of Cycles and EEVEE.
        frames: Number of views all around.
        side: Their width and height in pixels.
        elevation_rad: Height of the camera over the horizon.
        background: sRGB from 0 to 1, or None for transparency, which a video cannot have: it gets white.
        output: "IMAGES", "VIDEO" or "GRID".
        path: The folder of the images, or the file of the video or the grid.
        fps: Frames per second of the video.
    """

    objects: list[str]
    linked: list[tuple[str, str]]
    images: list[str]
    frame: int
    subframe: float
    engine: str
    samples: int
    frames: int
    side: int
    elevation_rad: float
    background: list[float] | None
    output: str
    path: str
    fps: int


def read_settings(folder: Path) -> TurntableSettings:
    """Read the settings in a folder.

    Raises:
        OSError, ValueError, TypeError: The file is missing or not complete.
    """
    return TurntableSettings(**json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8")))


def write_settings(folder: Path, settings: TurntableSettings) -> None:
    """Write the settings to a folder.

    Raises:
        OSError: The file cannot be written.
    """
    (folder / SETTINGS_FILE).write_text(json.dumps(settings._asdict()), encoding="utf-8")


def write_objects(folder: Path, targets: Sequence[bpy.types.Object], settings: TurntableSettings) -> None:
    """Write objects with all that they use, and the settings, to a folder; takes as long as saving them.

    Args:
        folder: The folder.
        targets: Objects of the view layer.
        settings: The settings, to which the objects' names, their images and the frame are added.

    Raises:
        OSError, RuntimeError: A file cannot be written.
    """
    scene: Any = bpy.context.scene
    objects = written_objects([item.session_uid for item in targets])
    materials = {slot.material.name for item in objects for slot in item.material_slots if slot.material}
    images = painted_images(materials)
    for number, name in enumerate(images):
        write_pixels(folder / IMAGE_FILE.format(number), bpy.data.images.get(name))
    own = {item for item in objects if not item.library}
    if own:
        bpy.data.libraries.write(str(folder / BLEND_FILE), own, path_remap="ABSOLUTE")
    linked = [(bpy.path.abspath(item.library.filepath), item.name) for item in objects if item.library]
    shown = settings._replace(objects=[item.name for item in objects if not item.library], linked=linked)
    write_settings(folder, shown._replace(images=images, frame=scene.frame_current, subframe=scene.frame_subframe))
