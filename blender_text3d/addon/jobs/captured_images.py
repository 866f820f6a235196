# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that come from Blender or the clipboard → files in the data folder, for the panel's image. No bpy.

A job copies its image, so only the panel needs these files; old ones are removed.
"""

import contextlib
import hashlib
import os
import re
from pathlib import Path

from ...system.untrusted_files import is_plain_name

FOLDER = "images"
MAX_KEPT = 32
MAX_NAME_LENGTH = 60
HASH_FOLDER = re.compile(r"[0-9a-f]{16}")
NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def save_image(data_dir: Path, name: str, png: bytes) -> Path:
    """Write an image and remove the oldest of too many.

    Args:
        data_dir: The add-on's data folder.
        name: Name for the object that is generated from it.
        png: The file's bytes.

    Returns:
        The file; the same image with the same name is the same file.

    Raises:
        OSError: It could not be written.
    """
    folder = data_dir / FOLDER / hashlib.sha256(png).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_stem(name)}.png"
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(png)
    os.replace(part, path)
    os.utime(folder)
    remove_oldest(data_dir / FOLDER)
    return path


def file_stem(name: str) -> str:
    """Return a name as a file name without extension, on any system."""
    stem = NOT_IN_FILE_NAMES.sub(" ", name).strip(" .")[:MAX_NAME_LENGTH].strip(" .")
    return stem if stem and is_plain_name(f"{stem}.png") else "image"


def remove_oldest(images_dir: Path) -> None:
    """Remove all but the newest MAX_KEPT images. Other files in the folder stay."""
    folders = [entry for entry in os.scandir(images_dir) if HASH_FOLDER.fullmatch(entry.name) and is_folder(entry)]
    folders.sort(key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    for entry in folders[MAX_KEPT:]:
        with contextlib.suppress(OSError):
            for image in Path(entry.path).glob("*.png"):
                image.unlink()
            os.rmdir(entry.path)


def is_folder(entry: os.DirEntry[str]) -> bool:
    """True for a folder that is no link."""
    return entry.is_dir(follow_symlinks=False)
