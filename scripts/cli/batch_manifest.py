# SPDX-License-Identifier: GPL-3.0-or-later
"""The orders of a batch, and which of them are complete."""

import argparse
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from blender_text3d.batch.prompt_lists.prompt_list import PromptRow
from blender_text3d.batch.prompt_lists.row_requests import requests_of
from blender_text3d.batch.prompt_lists.row_values import FILE_SETTINGS
from blender_text3d.batch.recipe_settings import NAMED
from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import STORED_DEFAULTS, Request
from blender_text3d.protocol.stored_names import to_stored
from blender_text3d.protocol.version import ENGINE_VERSION
from blender_text3d.system.files import replace_content
from blender_text3d.system.untrusted_files import is_plain_name, read_json

KEY_DIGITS, FILE_DIGITS = 8, 16
MAX_MANIFEST_BYTES = 2**28
NO_DETAILS: Mapping[str, Any] = MappingProxyType({})


def file_identity(path: Path) -> str:
    """Return name and hash of an input file, so that the object has the same name wherever the file is."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:  # the job tells why
        digest = "unreadable"
    return f"{path.name} {digest[:FILE_DIGITS]}"


@dataclass(frozen=True)
class Order:
    """One object of a batch; equal requests have equal names."""

    request: Request

    @property
    def recipe(self) -> dict:
        """The settings that determine the object, without device and viewer."""
        values = self.request.to_values()
        defaults = to_stored(STORED_DEFAULTS)
        kept = {name: values[name] for name in values if name in NAMED or values[name] != defaults[name]}
        kept = {name: value for name, value in kept.items() if name not in {"device", "viewer"}}
        files = {name: file_identity(Path(kept[name])) for name in FILE_SETTINGS if kept.get(name)}
        return {**kept, **files, "engine_version": ENGINE_VERSION}

    @property
    def name(self) -> str:
        """File name without suffix: prompt, seed, and a hash of the other settings."""
        digest = hashlib.sha256(json.dumps(self.recipe, sort_keys=True).encode()).hexdigest()
        return f"{slug(self.request.prompt)}-{self.request.seed}-{digest[:KEY_DIGITS]}"


def orders_of(rows: Iterable[PromptRow], options: argparse.Namespace) -> tuple[list[Order], dict[str, str]]:
    """Return the orders of a list of prompts, each once, and the invalid entries with their errors."""
    orders: dict[str, Order] = {}
    refused: dict[str, str] = {}
    for row in rows:
        try:
            for order in map(Order, requests_of(row, options)):
                orders[order.name] = order
        except BadRequest as error:
            refused[row.place] = f"FAILED {error}"
    return list(orders.values()), refused


class Manifest:
    """manifest.json next to the files: name → recipe, files, job.

    Raises:
        BadRequest: The existing file is corrupt or was not written by a batch.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._path = out / "manifest.json"
        self._made = _read_manifest(self._path) if self._path.exists() else {}

    def has(self, order: Order, formats: Iterable[str], details: Mapping[str, Any] = NO_DETAILS) -> bool:
        """True if the order's files of these formats exist, and were written with these details."""
        entry = self._made.get(order.name, {})
        if any(entry.get("details", {}).get(name) != value for name, value in details.items()):
            return False
        files = entry.get("files", {})
        return all(name in files and (self._out / files[name]).exists() for name in formats)

    def finished_job(self, order: Order, jobs_dir: Path) -> JobFolder | None:
        """Return the job that made the order's files, if it still exists: other formats can be exported from it."""
        job = JobFolder(jobs_dir.absolute() / self._made.get(order.name, {}).get("job_id", "none"))
        return job if isinstance(job.last_event(), Finished) else None

    def record(
        self, order: Order, job: JobFolder, files: dict[str, str], details: Mapping[str, Any] = NO_DETAILS
    ) -> None:
        """Record an order's files, atomically, so that a stopped batch loses nothing.

        Args:
            order: The order.
            job: The job that made its object.
            files: File names by format.
            details: What the files depend on besides the recipe, such as the height of a print.
        """
        before = self._made.get(order.name, {})
        made = {"recipe": order.recipe, "job_id": job.job_id, "files": before.get("files", {}) | files}
        known = before.get("details", {}) | details
        self._made[order.name] = made | ({"details": known} if known else {})
        replace_content(self._path, json.dumps(self._made, indent=1, ensure_ascii=False).encode())


def _read_manifest(path: Path) -> dict[str, dict]:
    try:
        made = read_json(path, MAX_MANIFEST_BYTES)
        for entry in made.values():
            if not all(map(is_plain_name, (entry["job_id"], *entry["files"].values()))):
                raise ValueError("it refers to files in other folders")
            if not isinstance(entry.get("details", {}), dict):
                raise ValueError("an entry has no details")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(
            f"{path} is corrupt or was not written by a batch ({error}). Move it, or choose another folder."
        ) from error
    return made
