# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects and results → assets, in steps: marked in this file, or written to files of a library folder."""

from collections import Counter
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...exports import asset_files
from ...exports.asset_catalogs import catalog_id, ensure_catalog
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.job_folder import JobFolder
from . import library
from .items import REMOVED, AssetError, Item, Wanted, check_can_keep, found, known_ids, new_objects, remove
from .texts import words_of_object

if TYPE_CHECKING:
    from ...scene.asset_mark import AssetTexts, Picture

MAX_NAMED = 3


class Keeping:
    """Assets being kept.

    Attributes:
        items: What to keep.
        done: Number of items that are dealt with.
        kept: Number of assets.
        refused: Name and reason of what was not kept.
        notices: Sentences about what the assets lack.
        has_failed: True if an object was not kept that can be.
        steps: The rest of the work.
    """

    def __init__(self, items: Iterable[Item], wanted: Wanted) -> None:
        self.items, self.wanted = list(items), wanted
        self.done = self.kept = 0
        self.refused: list[tuple[str, str]] = []
        self.notices: dict[str, None] = {}
        self.has_failed = False
        self.copies = Counter(known_ids())
        self.steps = self.work()

    def work(self) -> Generator[None, None, None]:
        """Keep each item; one that fails keeps no other from being kept."""
        for item in self.items:
            try:
                yield from self.keep_job(item.job) if item.job else self.keep_object(item)
            except AssetError as error:
                self.refused.append((item.name, str(error)))
            except ReferenceError:
                self.refused.append((item.name, REMOVED))
            except (BadRequest, InvalidJob, ValueError, OSError, RuntimeError) as error:
                self.refused.append((item.name, reason_of(error)))
                self.has_failed = True
            self.done += 1
            yield
        library.refresh_browsers()

    def keep_object(self, item: Item) -> Generator[None, None, None]:
        """Keep an object of this file."""
        from ...scene.asset_mark import mark_asset
        from ...scene.asset_picture import object_picture

        check_can_keep(found(item))
        picture = yield from object_picture(found(item))
        yield
        target = found(item)
        if self.wanted.folder is None:
            mark_asset(target, self.texts(target), picture)
        else:
            self.write(target, self.asset_id(target, self.wanted.folder), picture, self.wanted.folder)
        self.kept += 1

    def keep_job(self, job: JobFolder) -> Generator[None, None, None]:
        """Keep the objects of a result: those in this file if there are any, else new ones in no scene."""
        from ...scene.asset_mark import mark_asset
        from ...scene.find import objects_of_job

        present = objects_of_job(job.job_id)
        if present:
            for target in present:
                yield from self.keep_object(Item(target.name, target.session_uid))
            return
        pairs = new_objects(job)
        try:
            for target, picture in pairs:
                if self.wanted.folder is None:
                    mark_asset(target, self.texts(target), picture)
                else:
                    self.write(target, f"{job.job_id} {target.type}", picture, self.wanted.folder)
                self.kept += 1
        finally:
            if self.wanted.folder is not None:
                remove([target for target, _ in pairs])
        yield

    def write(self, target: bpy.types.Object, asset_id: str, picture: "Picture | None", folder: Path) -> None:
        """Write an object to its file in a library folder."""
        from ...scene.asset_copy import asset_copy
        from ...scene.asset_file import write_object
        from ...scene.asset_mark import mark_asset

        texts, draft = self.texts(target), asset_files.draft_path(folder)
        try:
            with asset_copy(target, self.factor(target)) as copied:
                mark_asset(copied, texts, picture)
                left_out = write_object(draft, copied)
            asset_files.place_file(draft, asset_id, target.name, words_of_object(target).stem)
        finally:
            draft.unlink(missing_ok=True)
        for name in left_out:
            self.notices[f'The image "{name}" is not inside its asset: its file is missing, or is a video.'] = None

    def factor(self, target: bpy.types.Object) -> float:
        """Return by how much an object is enlarged for its file."""
        from ...prompts.real_sizes import real_size_m
        from ...scene.placement import units_per_meter

        scene: Any = bpy.context.scene
        real = real_size_m(words_of_object(target).text, has_stand_ins=False) if self.wanted.has_real_size else None
        size: Any = target.dimensions
        longest = max(size)
        return real * units_per_meter(scene) / longest if real and longest > 0 else 1.0

    def texts(self, target: bpy.types.Object) -> "AssetTexts":
        """Return the texts of an object's asset."""
        from ...scene.asset_mark import AssetTexts

        words = words_of_object(target)
        identifier = self.catalog_id(self.wanted.catalog or words.catalog)
        return AssetTexts(identifier, words.tags, words.description, self.wanted.author, self.wanted.license)

    def catalog_id(self, path: str) -> str:
        """Return the UUID of a catalog; a file of catalogs that cannot be written is told."""
        folder = self.wanted.folder
        try:
            return ensure_catalog(folder, path) if folder else library.catalog_of_file(path)
        except (BadRequest, OSError) as error:
            self.notices[f"The catalog was not added, so assets are under Unassigned ({reason_of(error)})."] = None
            return catalog_id(path)

    def asset_id(self, target: bpy.types.Object, folder: Path) -> str:
        """Return the ID of an object's asset; one of several copies with an ID of another asset gets its own."""
        from ...scene.object_id import new_object_id, object_id

        identifier = object_id(target)
        known = asset_files.known_file(folder, identifier)
        if self.copies[identifier] > 1 and known is not None and known.name != target.name:
            identifier = new_object_id(target)
        return identifier

    @property
    def message(self) -> str:
        """Sentences about what was kept and what was not."""
        count, where = self.kept, "this file" if self.wanted.folder is None else str(self.wanted.folder)
        text = f"Kept {count} asset{'' if count == 1 else 's'} in {where}."
        if self.refused:
            text += f" {refusal(self.refused)}"
        return text


def reason_of(error: Exception) -> str:
    """Return the message of an error without its end, for use in a sentence."""
    return getattr(error, "strerror", None) or str(error).strip().rstrip(".")


def refusal(refused: list[tuple[str, str]]) -> str:
    """Return one sentence on all that was not kept, with the reasons."""
    names: dict[str, list[str]] = {}
    for name, reason in refused:
        names.setdefault(reason, []).append(f'"{name}"')
    parts = [f"{', '.join(named[:MAX_NAMED])}{more_text(len(named))} ({reason})" for reason, named in names.items()]
    return f"Not kept: {'; '.join(parts)}."


def more_text(count: int) -> str:
    """Return how many of so many names are not written out."""
    return f" and {count - MAX_NAMED} more" if count > MAX_NAMED else ""
