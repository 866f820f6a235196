# SPDX-License-Identifier: GPL-3.0-or-later
"""The frames of a turntable → images in a folder, one image with all of them, or a video."""

import math
import os
import shutil
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..geometry.png import encode_png
from .turntable_files import GRID, IMAGES, VIDEO, TurntableSettings

WHITE = [1.0, 1.0, 1.0]
MAX_GRID_PIXELS = 2**27


def write_output(settings: TurntableSettings, folder: Path) -> None:
    """Write the frames in a folder as the settings say.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: The grid would be too large.
        RuntimeError: This Blender writes no video.
    """
    frames = sorted(folder.glob("[0-9]*.png"))
    background = settings.background or (WHITE if settings.output == VIDEO else None)
    if background:
        for path in frames:
            write_whole(path, encode_png(over(pixels_of(path), background)))
    target = Path(settings.path)
    (target if settings.output == IMAGES else target.parent).mkdir(parents=True, exist_ok=True)
    if settings.output == IMAGES:
        for path in frames:
            shutil.copyfile(path, target / path.name)
    elif settings.output == GRID:
        write_whole(target, encode_png(grid_of([pixels_of(path) for path in frames], background)))
    else:
        write_video(frames, target, settings)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there once it is complete.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def pixels_of(path: Path) -> np.ndarray:
    """Return the pixels of a PNG file, `(H, W, 4) uint8` sRGB with straight alpha, top row first.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        image: Any = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise OSError(f"{path.name} cannot be read") from error
    try:
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    return np.ascontiguousarray((values.reshape(height, width, 4)[::-1] * 255).round().astype(np.uint8))


def over(pixels: np.ndarray, background: list[float]) -> np.ndarray:
    """Return an image `(H, W, 4) uint8` with straight alpha over an opaque color, sRGB from 0 to 1."""
    alpha = pixels[..., 3:].astype(np.float32) / 255
    colors = pixels[..., :3] * alpha + np.array(background, np.float32) * 255 * (1 - alpha)
    opaque = np.full_like(pixels[..., 3:], 255)
    return np.concatenate([colors.round().astype(np.uint8), opaque], axis=-1)


def grid_of(images: list[np.ndarray], background: list[float] | None = None) -> np.ndarray:
    """Return images `(H, W, 4) uint8` of one size side by side in about a square.

    What is left has the color of the background, sRGB from 0 to 1, or is transparent.

    Raises:
        ValueError: The result would be too large, or there are no images.
    """
    if not images:
        raise ValueError("there are no frames")
    height, width = images[0].shape[:2]
    columns = math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    if columns * width * rows * height > MAX_GRID_PIXELS:
        raise ValueError(f"a grid of {columns * width:,} x {rows * height:,} pixels is too large: choose fewer or less")
    grid = np.zeros((rows * height, columns * width, 4), np.uint8)
    if background:
        grid[:] = np.rint(np.array([*background, 1.0]) * 255)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        grid[row * height : (row + 1) * height, column * width : (column + 1) * width] = image
    return grid


def write_video(frames: list[Path], target: Path, settings: TurntableSettings) -> None:
    """Write frames of one size as an MP4 file; odd sides, which the codec refuses, grow by a pixel.

    Raises:
        RuntimeError: This Blender was built without FFmpeg, or cannot write the file.
        ValueError: There are no frames.
    """
    if not bpy.app.build_options.codec_ffmpeg:
        raise RuntimeError("this Blender was built without FFmpeg and writes no video: choose images")
    if not frames:
        raise ValueError("there are no frames")
    scene = bpy.data.scenes.new("Video")
    add_strip(scene, frames)
    height, width = pixels_of(frames[0]).shape[:2]
    set_up_video(scene, width + width % 2, height + height % 2, settings.fps)
    scene.frame_start, scene.frame_end = 1, len(frames)
    scene.render.filepath = str(target)
    bpy.ops.render.render(animation=True, scene=scene.name)
    if not target.is_file():
        raise RuntimeError("FFmpeg wrote no file")


def add_strip(scene: Any, frames: list[Path]) -> None:
    """Add the frames to the sequencer of a scene; its list of strips was renamed in 4.4."""
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strip = strips.new_image("Turntable", str(frames[0]), 1, 1)
    for path in frames[1:]:
        strip.elements.append(path.name)


def set_up_video(scene: Any, width: int, height: int, fps: int) -> None:
    """Let a scene render its sequencer as H.264 in an MP4 file; Blender 5 asks for the kind of media first."""
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    render.fps, render.fps_base, render.use_sequencer, render.use_compositing = fps, 1.0, True, False
    render.use_file_extension = False
    scene.view_settings.view_transform = "Standard"
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format, render.image_settings.color_mode = "FFMPEG", "RGB"
    render.ffmpeg.format, render.ffmpeg.codec = "MPEG4", "H264"
    render.ffmpeg.constant_rate_factor, render.ffmpeg.audio_codec = "HIGH", "NONE"
