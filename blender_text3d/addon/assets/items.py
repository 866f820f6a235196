# SPDX-License-Identifier: GPL-3.0-or-later
"""Items to keep as assets: objects of this file, and results, whose objects are made for it where they are missing."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy

from ...protocol.job_folder import JobFolder

if TYPE_CHECKING:
    from ...scene.asset_mark import Picture

WITHOUT_GEOMETRY = {"CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER"}
REMOVED = "removed meanwhile"


class AssetError(Exception):
    """An object cannot be kept as an asset; the message is the reason, without the object's name."""


class Wanted(NamedTuple):
    """Destination of assets, and the texts that all of them get.

    Attributes:
        folder: The library folder, or None for this file.
        catalog: Path of the catalog; "" for that of each kind.
        author, license: Texts, or "".
        has_real_size: True to write objects of a known kind to a folder in the size of a real one.
    """

    folder: Path | None
    catalog: str = ""
    author: str = ""
    license: str = ""
    has_real_size: bool = False


class Item(NamedTuple):
    """An object or a result to keep.

    Attributes:
        name: Name of the object, or of what to name in messages.
        uid: Session UID of the object; 0 for a result.
        job: The job folder of a result, or None.
    """

    name: str
    uid: int = 0
    job: JobFolder | None = None


def known_ids() -> list[str]:
    """Return the object IDs in this file, an ID once for each of its copies."""
    from ...scene.object_id import stored_id

    return [identifier for item in bpy.data.objects if item.library is None and (identifier := stored_id(item))]


def found(item: Item) -> bpy.types.Object:
    """Return the object of an item.

    Raises:
        AssetError: It was removed.
    """
    named = bpy.data.objects.get((item.name, None))
    if named is not None and named.session_uid == item.uid:
        return named
    for target in bpy.data.objects:
        if target.session_uid == item.uid:
            return target
    raise AssetError(REMOVED)


def check_can_keep(target: bpy.types.Object) -> None:
    """Refuse an object that Blender cannot mark here.

    Raises:
        AssetError: It is linked, overridden, without geometry, or still forming.
    """
    from ...scene.data_access import custom_property
    from ...scene.names import PREVIEW_JOB_ID

    if target.library or target.override_library or (target.data and target.data.library):
        raise AssetError("linked from another file")
    if target.type in WITHOUT_GEOMETRY or (target.type == "EMPTY" and not target.instance_collection):
        raise AssetError("no geometry")
    if custom_property(target, PREVIEW_JOB_ID):
        raise AssetError("still forming")


def new_objects(job: JobFolder) -> list[tuple[bpy.types.Object, "Picture"]]:
    """Return the objects of a finished job in no scene, with a picture each.

    Raises:
        InvalidJob, ValueError, OSError: The job has no object, or it cannot be read.
    """
    from ...scene.asset_picture import picture
    from ...scene.importer import import_result
    from ...scene.placement import units_per_meter
    from ..jobs.import_result import result_of

    scene: Any = bpy.context.scene
    result = result_of(job, units_per_meter(scene), (0.0, 0.0, 0.0))
    parts = [part for part in (result.mesh, result.cloud) if part is not None]
    made = import_result(result, None)
    for target in made:
        target.location = 0, 0, 0
    return [(target, picture(part)) for target, part in zip(made, parts, strict=False)]


def remove(targets: list[bpy.types.Object]) -> None:
    """Remove objects that were made for a file, with data and materials that nothing else uses."""
    for target in targets:
        data = target.data
        bpy.data.objects.remove(target)
        materials = [material for material in getattr(data, "materials", ()) if material]
        if data is not None and data.users == 0:
            bpy.data.batch_remove([data])
        bpy.data.batch_remove([material for material in materials if material.users == 0])
