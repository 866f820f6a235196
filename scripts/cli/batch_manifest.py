# SPDX-License-Identifier: GPL-3.0-or-later
"""The orders of a batch, and which of them are complete."""

import argparse
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import DEFAULTS, Request, make_requests
from blender_text3d.protocol.stored_names import to_stored
from blender_text3d.protocol.version import ENGINE_VERSION
from blender_text3d.system.untrusted_files import is_plain_name, read_json
from scripts.cli.batch_outputs import remove_leftover
from scripts.cli.setting_flags import flag_values

KEY_DIGITS = 8
NAMED = {"prompt", "model", "seed", "outputs", "quality", "steps", "guidance", "grid", "size_m", "image", "latent"}
NAMED |= {"views", "view_mode", "view_size", "comparison"}
"""Settings that every file name includes. Newer ones are left out at their default, to continue older batches."""
MAX_MANIFEST_BYTES = 2**28


@dataclass(frozen=True)
class Order:
    """One object of a batch; equal requests have equal names."""

    request: Request

    @property
    def recipe(self) -> dict:
        """The settings that determine the object, without device and viewer."""
        values = self.request.to_values()
        defaults = to_stored(DEFAULTS)
        kept = {name: values[name] for name in values if name in NAMED or values[name] != defaults[name]}
        kept = {name: value for name, value in kept.items() if name not in {"device", "viewer"}}
        return {**kept, "engine_version": ENGINE_VERSION}

    @property
    def name(self) -> str:
        """File name without suffix: prompt, seed, and a hash of the other settings."""
        digest = hashlib.sha256(json.dumps(self.recipe, sort_keys=True).encode()).hexdigest()
        return f"{slug(self.request.prompt)}-{self.request.seed}-{digest[:KEY_DIGITS]}"


def orders_of(lines: Iterable[str], options: argparse.Namespace) -> tuple[list[Order], dict[str, str]]:
    """Return the orders of a prompts file, each once, and the invalid lines with their errors."""
    orders: dict[str, Order] = {}
    refused: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            for order in map(Order, _requests(line, options)):
                orders[order.name] = order
        except BadRequest as error:
            refused[f"line {number}"] = f"FAILED {error}"
    return list(orders.values()), refused


def _requests(prompt: str, options: argparse.Namespace) -> list[Request]:
    return make_requests(
        prompt,
        count=options.count,
        seed=options.seed,
        quality=options.quality,
        outputs=options.result,
        **flag_values(options, is_scene_only=True),
    )


class Manifest:
    """manifest.json next to the files: name → recipe, files, job.

    Raises:
        BadRequest: The existing file is corrupt or was not written by a batch.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._path = out / "manifest.json"
        self._made = _read_manifest(self._path) if self._path.exists() else {}

    def has(self, order: Order, formats: Iterable[str]) -> bool:
        """True if the order's files of these formats exist."""
        files = self._made.get(order.name, {}).get("files", {})
        return all(name in files and (self._out / files[name]).exists() for name in formats)

    def finished_job(self, order: Order, jobs_dir: Path) -> JobFolder | None:
        """Return the job that made the order's files, if it still exists: other formats can be exported from it."""
        job = JobFolder(jobs_dir.absolute() / self._made.get(order.name, {}).get("job_id", "none"))
        return job if isinstance(job.last_event(), Finished) else None

    def record(self, order: Order, job: JobFolder, files: dict[str, str]) -> None:
        """Record an order's files, atomically, so that a stopped batch loses nothing."""
        before = self._made.get(order.name, {}).get("files", {})
        self._made[order.name] = {"recipe": order.recipe, "job_id": job.job_id, "files": before | files}
        part = self._path.with_suffix(".part")
        remove_leftover(part)
        with part.open("x", encoding="utf-8") as file:
            file.write(json.dumps(self._made, indent=1, ensure_ascii=False))
        os.replace(part, self._path)


def _read_manifest(path: Path) -> dict[str, dict]:
    try:
        made = read_json(path, MAX_MANIFEST_BYTES)
        for entry in made.values():
            if not all(map(is_plain_name, (entry["job_id"], *entry["files"].values()))):
                raise ValueError("it refers to files in other folders")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(
            f"{path} is corrupt or was not written by a batch ({error}). Move it, or choose another folder."
        ) from error
    return made
