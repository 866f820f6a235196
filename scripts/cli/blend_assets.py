# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a .blend file → assets, with preview, description, tags and catalog."""

import bpy

from blender_text3d.addon.assets.texts import words_of_object
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.events import Finished, Made
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import MODELS
from blender_text3d.scene.asset_mark import AssetTexts, mark_asset
from blender_text3d.scene.asset_picture import picture


def mark_as_assets(objects: list[bpy.types.Object], job: JobFolder, catalog_id: str) -> None:
    """Mark the objects of a job as assets.

    Raises:
        InvalidJob: The job cannot be read.
        OSError, ValueError: Its geometry cannot be read.
    """
    author = MODELS[job.read_request().model].label
    files = next((event.files for event in reversed(job.events()) if isinstance(event, Made | Finished)), {})
    for made in objects:
        words = words_of_object(made)
        part = "mesh" if made.type == "MESH" and len(made.data.polygons) else "cloud"
        shown = picture(load_geometry(job.own_file(files[part]))) if part in files else None
        mark_asset(made, AssetTexts(catalog_id, words.tags, words.description, author), shown)
