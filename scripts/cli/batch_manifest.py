# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch was asked for, and which of it is there already."""

import argparse
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests
from blender_text3d.protocol.version import ENGINE_VERSION
from blender_text3d.system.untrusted_files import is_plain_name, read_json
from scripts.cli.batch_outputs import make_way

KEY_DIGITS = 8
ADDED_LATER = {"turn_deg": 0, "most_faces": 0}
"""Left out of names where they have no effect, so that folders made before there were any are gone on with."""
MAX_MANIFEST_BYTES = 2**28


@dataclass(frozen=True)
class Order:
    """One object of a batch, whose name is the same whenever it is asked for again."""

    request: Request

    @property
    def recipe(self) -> dict:
        """All that decides the object; not where it is made, nor who watches."""
        values = {name: value for name, value in asdict(self.request).items() if name not in {"device", "viewer"}}
        without_effect = {name for name, none in ADDED_LATER.items() if values[name] == none}
        kept = {name: value for name, value in values.items() if name not in without_effect}
        return {**kept, "engine_version": ENGINE_VERSION}

    @property
    def name(self) -> str:
        """Of its files, without the ending: prompt, seed, and a few digits that tell apart what else differs."""
        digest = hashlib.sha256(json.dumps(self.recipe, sort_keys=True).encode()).hexdigest()
        return f"{slug(self.request.prompt)}-{self.request.seed}-{digest[:KEY_DIGITS]}"


def orders_of(lines: Iterable[str], options: argparse.Namespace) -> tuple[list[Order], dict[str, str]]:
    """The lines of a prompts file → what to make, each once, and the lines that nothing can be made of, with why."""
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
        turn_deg=options.turn,
        most_faces=options.most_faces,
    )


class Manifest:
    """manifest.json beside the files: name → recipe, files, job.

    Raises:
        BadRequest: There is one already, and it is damaged or not ours.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._path = out / "manifest.json"
        self._made = _made_before(self._path) if self._path.exists() else {}

    def has(self, order: Order, formats: Iterable[str]) -> bool:
        """Whether the order's files of these formats are there."""
        files = self._made.get(order.name, {}).get("files", {})
        return all(name in files and (self._out / files[name]).exists() for name in formats)

    def finished_job(self, order: Order, jobs_dir: Path) -> JobFolder | None:
        """The job that made the order's files, if it still lies there: other formats can be written from it."""
        job = JobFolder(jobs_dir.absolute() / self._made.get(order.name, {}).get("job_id", "none"))
        return job if isinstance(job.last_event(), Finished) else None

    def note(self, order: Order, job: JobFolder, files: dict[str, str]) -> None:
        """Remember what was made, at once and whole, so that a batch that is stopped loses nothing."""
        before = self._made.get(order.name, {}).get("files", {})
        self._made[order.name] = {"recipe": order.recipe, "job_id": job.job_id, "files": before | files}
        part = self._path.with_suffix(".part")
        make_way(part)
        with part.open("x", encoding="utf-8") as file:
            file.write(json.dumps(self._made, indent=1, ensure_ascii=False))
        os.replace(part, self._path)


def _made_before(path: Path) -> dict[str, dict]:
    try:
        made = read_json(path, MAX_MANIFEST_BYTES)
        for entry in made.values():
            if not all(map(is_plain_name, (entry["job_id"], *entry["files"].values()))):
                raise ValueError("it names files elsewhere")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(f"{path} is damaged or not ours ({error}). Move it away, or choose another folder.") from error
    return made
