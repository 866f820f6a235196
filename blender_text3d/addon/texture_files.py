# SPDX-License-Identifier: GPL-3.0-or-later
"""Baked images saved as PNG files next to the .blend file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..system.files import replace_content

if TYPE_CHECKING:
    from ..scene.bake import ImageMaker

FOLDER = "textures"


def texture_folder() -> Path | None:
    """Return the folder for the images of the open file, or None if it was never saved."""
    return Path(bpy.data.filepath).parent / FOLDER if bpy.data.filepath else None


def image_saver(folder: Path) -> "ImageMaker":
    """Return a function that makes an image of a name and texels, stored in a new PNG file of the folder.

    The function raises OSError if the file cannot be written; neither file nor image is left behind.
    """

    def save(name: str, texels: Any) -> bpy.types.Image:
        from ..scene.bake import new_image

        image: Any = new_image(name, texels)
        try:
            folder.mkdir(exist_ok=True)
            path = free_path(folder, name)
            replace_content(path, bytes(image.packed_file.data))
        except OSError:
            bpy.data.images.remove(image)
            raise
        image.unpack(method="REMOVE")
        image.filepath = bpy.path.relpath(str(path))
        return image

    return save


def free_path(folder: Path, name: str) -> Path:
    """Return the path of a PNG file that does not exist yet."""
    stem = bpy.path.clean_name(name) or "texture"
    names = (f"{stem}.png", *(f"{stem}-{number}.png" for number in range(2, 10_000)))
    path = next((folder / each for each in names if not (folder / each).exists()), None)
    if path is None:
        raise FileExistsError(f"{folder} has too many images of that name")
    return path
