# SPDX-License-Identifier: GPL-3.0-or-later
"""One object → a .blend file with nothing else, its images inside. The open file stays as it is."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

MAX_DEPTH = 32
"""Node groups inside each other; files are untrusted."""


def write_object(path: Path, target: bpy.types.Object) -> list[str]:
    """Write an object and all that it uses.

    Args:
        path: The new file.
        target: An object, marked as an asset.

    Returns:
        Names of the images that are not inside, because they are missing, videos or sequences.

    Raises:
        OSError: It cannot be written.
    """
    images = images_of(target)
    with packed(images) as left_out:
        # Without a fake user, an asset is lost when somebody opens the file and saves it.
        bpy.data.libraries.write(str(path), {target}, fake_user=True, compress=True, path_remap="RELATIVE")
    return left_out


@contextmanager
def packed(images: Iterable[bpy.types.Image]) -> Iterator[list[str]]:
    """Pack images, and unpack those whose files are on disk at the end; gives the names of those that cannot be packed.

    Painted pixels that were never saved stay packed: unpacking would lose them.
    """
    added, left_out = list[bpy.types.Image](), list[str]()
    try:
        for image in images:
            if image.packed_file or image.library or (image.source == "GENERATED" and not image.is_dirty):
                continue
            was_dirty = image.is_dirty
            if not pack(image):
                left_out.append(image.name)
            elif not was_dirty:
                added.append(image)
        yield left_out
    finally:
        for image in added:
            image.unpack(method="REMOVE")


def pack(image: bpy.types.Image) -> bool:
    """Pack an image; return False if that is not possible."""
    path = bpy.path.abspath(image.filepath, library=image.library)
    if image.source not in ("FILE", "TILED", "GENERATED") or not (image.is_dirty or os.path.exists(tile_path(path))):
        return False
    try:
        image.pack()
    except RuntimeError:
        return False
    return bool(image.packed_files)


def tile_path(path: str) -> str:
    """Return the path of the first tile of a tiled image, and any other path as it is."""
    return path.replace("<UDIM>", "1001")


def images_of(target: bpy.types.Object) -> list[bpy.types.Image]:
    """Return the images in the materials of an object, each once."""
    found: dict[str, bpy.types.Image] = {}
    for slot in target.material_slots:
        if slot.material is not None and slot.material.node_tree is not None:
            found |= images_in(slot.material.node_tree, MAX_DEPTH)
    return list(found.values())


def images_in(tree: Any, depth: int) -> dict[str, bpy.types.Image]:
    """Return the images in a node tree and its groups, by name."""
    found: dict[str, bpy.types.Image] = {}
    for node in tree.nodes:
        image, group = getattr(node, "image", None), getattr(node, "node_tree", None)
        if isinstance(image, bpy.types.Image):
            found[image.name_full] = image
        if group is not None and depth:
            found |= images_in(group, depth - 1)
    return found
