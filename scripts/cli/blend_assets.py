# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a .blend file → assets, with preview, description, tags and catalog."""

import re
from typing import Any

import bpy

from blender_text3d.geometry import load_geometry
from blender_text3d.geometry.thumbnail import thumbnail
from blender_text3d.protocol.events import Finished, Made
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import Request
from blender_text3d.scene.image_preview import set_pixels

WORD = re.compile(r"\w[\w-]*")
SMALL_WORDS = {"a", "an", "the", "of", "with", "and", "on", "in", "one", "its", "to"}
MAX_TAGS, MAX_TAG_BYTES = 12, 63
TAG = "Text3D"


def mark_as_assets(objects: list[bpy.types.Object], job: JobFolder, catalog_id: str) -> None:
    """Mark the objects of a job as assets.

    Raises:
        InvalidJob: The job cannot be read.
        OSError, ValueError: Its geometry cannot be read.
    """
    request = job.read_request()
    files = next((event.files for event in reversed(job.events()) if isinstance(event, Made | Finished)), {})
    for made in objects:
        made.asset_mark()  # also sets the fake user, without which Blender drops assets that nothing uses
        data: Any = made.asset_data
        data.description = f"{request.prompt}, seed {request.seed}"
        data.author = MODELS[request.model].label
        data.catalog_id = catalog_id
        for tag in tags_of(request):
            data.tags.new(tag, skip_if_exists=True)
        part = "mesh" if made.type == "MESH" and len(made.data.polygons) else "cloud"
        if part in files:
            set_pixels(made.preview_ensure(), thumbnail(load_geometry(job.own_file(files[part]))))


def tags_of(request: Request) -> list[str]:
    """Return the words of a prompt that say something, and what made it."""
    words = [word for word in WORD.findall(request.prompt.lower()) if word not in SMALL_WORDS]
    short = [word for word in dict.fromkeys(words) if len(word.encode()) <= MAX_TAG_BYTES]
    return [*short[:MAX_TAGS], TAG]
