# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of a batch: a list of prompts, images, or the record of a batch that was stopped."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from blender_text3d.batch.prompt_lists.prompt_list import PromptRow, read_prompt_list
from blender_text3d.exports.formats import MAX_PRINT_HEIGHT_MM
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.request import Request
from blender_text3d.system.console import sanitized
from blender_text3d.system.files import replace_content
from blender_text3d.system.untrusted_files import read_json
from scripts.cli.batch_manifest import Order

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".heic", ".heif", ".avif", ".bmp", ".gif", ".tif", ".tiff"}
"""Names of images. One of a kind that the worker cannot read fails with the reason."""
RECORD = "batch.json"
MAX_RECORD_BYTES = 2**28


def rows_from(options: argparse.Namespace) -> tuple[list[PromptRow], list[str]]:
    """Return the entries of a batch, and sentences for the user.

    Raises:
        BadRequest: There is none, or the list or the folder cannot be read.
    """
    rows: list[PromptRow] = []
    notices: list[str] = []
    if options.prompts_file is not None:
        prompts = read_prompt_list(options.prompts_file)
        rows, notices = prompts.rows, prompts.notices
    if options.images_folder is not None:
        images, skipped = images_in(options.images_folder)
        rows = [*rows, *(PromptRow(path.name, "", {"image": str(path)}) for path in images)]
        if skipped:
            others = "1 file is no image and was" if skipped == 1 else f"{skipped} files are no images and were"
            notices.append(f"{options.images_folder}: {others} left out.")
    if not rows and options.image:
        rows = [PromptRow(Path(options.image).name, "", {})]
    if not rows:
        raise BadRequest("Nothing to generate. Add --prompts-file, --images-folder, --image or --resume.")
    return rows, notices


def images_in(folder: Path) -> tuple[list[Path], int]:
    """Return the images in a folder by name, and the number of its other files.

    Raises:
        BadRequest: It cannot be read, or has no image.
    """
    shown = sanitized(str(folder))
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise BadRequest(f"The folder {shown} cannot be read ({error.strerror}). Choose another folder.") from error
    images = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
    if not images:
        raise BadRequest(f"The folder {shown} contains no image. Add PNG, JPEG or WebP files.")
    return images, len(files) - len(images)


class Written(NamedTuple):
    """Choices that the files of a batch depend on besides the requests.

    Attributes:
        formats: Names of the formats.
        print_height_mm: Height of prints, or 0.
        assets: Catalog of the assets in .blend, or None.
    """

    formats: tuple[str, ...]
    print_height_mm: float = 0.0
    assets: str | None = None


def write_record(out: Path, orders: Iterable[Order], written: Written) -> None:
    """Record what a batch is to make, so that --resume can complete it without the list.

    Raises:
        OSError: The file cannot be written.
    """
    content = {**written._asdict(), "requests": [order.request.to_values() for order in orders]}
    replace_content(out / RECORD, json.dumps(content, ensure_ascii=False).encode())


def read_record(out: Path, known_formats: Iterable[str]) -> tuple[list[Order], Written]:
    """Return the orders of a batch that was stopped, and how its files are written.

    Raises:
        BadRequest: The folder has no such record, or it cannot be used.
    """
    path = out / RECORD
    try:
        content = read_json(path, MAX_RECORD_BYTES)
        height, assets = float(content.get("print_height_mm", 0.0)), content.get("assets")
        written = Written(tuple(content["formats"]), height, str(assets) if assets else None)
        if not set(written.formats) <= set(known_formats) or not 0 <= height <= MAX_PRINT_HEIGHT_MM:
            raise ValueError("it names unknown formats or sizes")
        return [Order(Request.from_values(values)) for values in content["requests"]], written
    except FileNotFoundError as error:
        raise BadRequest(f"There is no batch to resume in {out}. Start one with --prompts-file.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(f"{path} cannot be used ({error!s:.200}). Start the batch again with its list.") from error
