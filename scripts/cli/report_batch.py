# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a report from a batch: its manifest, its record, and the jobs that made it as far as they exist."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from blender_text3d.client.results.entry import is_own_folder
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request
from blender_text3d.system.untrusted_files import is_plain_name, read_json
from scripts.cli.batch_manifest import MAX_MANIFEST_BYTES, Order
from scripts.cli.batch_sources import MAX_RECORD_BYTES, RECORD
from scripts.cli.report_jobs import job_folders, job_row, own_files, own_size
from scripts.cli.report_row import COMPLETE, FAILED, UNFINISHED, ReportRow, safe_recipe

MANIFEST = "manifest.json"
NO_FILES = "Its files are not in the folder. Run batch_generate.py again."
NOT_MADE = "It was not made. Run batch_generate.py --resume."
INPUTS = ("image", "latent", "object")


def is_batch(folder: Path) -> bool:
    """True if a folder has the manifest or the record of a batch."""
    return any(os.path.lexists(folder / name) for name in (MANIFEST, RECORD))


def batch_rows(folder: Path, jobs_dir: Path) -> Iterator[ReportRow]:
    """Yield the row of every object that was made, then of every one that was asked for and not made.

    Raises:
        BadRequest: The manifest is not one, or there is neither an entry nor a record.
    """
    made = read_manifest(folder / MANIFEST)
    missing = missing_orders(folder / RECORD, made)
    if not made and not missing:
        raise BadRequest(f"{folder} has no results yet. Run batch_generate.py with --out {folder} first.")
    return _rows(folder, jobs_dir, made, missing)


def _rows(folder: Path, jobs_dir: Path, made: dict[str, Any], missing: dict[str, Order]) -> Iterator[ReportRow]:
    for name, entry in made.items():
        yield entry_row(folder, jobs_dir, name, entry if isinstance(entry, dict) else {})
    failures = failed_jobs(jobs_dir) if missing else {}
    for name, order in missing.items():
        failed = failures.get(settings_key(order.request.to_values()))
        recipe = safe_recipe(order.recipe)
        unknown = ReportRow(name=name, status=UNFINISHED, recipe=recipe, reason=NOT_MADE)
        yield replace(failed, name=name, recipe=recipe, folder="") if failed else unknown


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the entries of a manifest by name; none without the file.

    Raises:
        BadRequest: It cannot be read.
    """
    try:
        entries = read_json(path, MAX_MANIFEST_BYTES, follow_links=False)
        if not isinstance(entries, dict):
            raise ValueError("it has no entries")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadRequest(f"{path} is corrupt or was not written by a batch ({error!s:.200}).") from error
    return entries


def entry_row(folder: Path, jobs_dir: Path, name: str, entry: dict[str, Any]) -> ReportRow:
    """Return the row of an entry of the manifest, with what its job tells."""
    listed = entry.get("files")
    listed = listed if isinstance(listed, dict) else {}
    sizes = own_files(folder, listed)
    recipe = safe_recipe(entry.get("recipe"))
    job = job_of(jobs_dir, entry.get("job_id"))
    row = job_row(job) if job else ReportRow(name=name, status=COMPLETE)
    return replace(
        row,
        name=name,
        status=COMPLETE if sizes else FAILED,
        reason="" if sizes else NO_FILES,
        recipe=recipe,
        engine=row.engine or engine_of(recipe),
        files={kind: listed[kind] for kind in sizes},
        size_bytes=sum(sizes.values()),
        picture=row.picture or picture_in(folder, name),
        folder="",
    )


def engine_of(recipe: dict[str, Any]) -> str:
    """Return the version of the engine that a recipe names, or ""."""
    version = recipe.get("engine_version")
    return version[:40] if isinstance(version, str) else ""


def job_of(jobs_dir: Path, job_id: object) -> JobFolder | None:
    """Return a job by its ID, or None if there is none."""
    if not is_plain_name(job_id) or not is_own_folder(jobs_dir / job_id):
        return None
    return JobFolder(jobs_dir / job_id)


def picture_in(folder: Path, name: str) -> Path | None:
    """Return the picture that a batch wrote of an object: the view of a three-step model; None without one."""
    picture = f"{name}.view.png"
    return folder / picture if own_size(folder, picture) is not None else None


def missing_orders(record: Path, made: dict[str, Any]) -> dict[str, Order]:
    """Return the orders of a batch, by name, that the manifest lacks."""
    try:
        requests = read_json(record, MAX_RECORD_BYTES, follow_links=False)["requests"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    orders = map(order_of, requests if isinstance(requests, list) else [])
    return {order.name: order for order in orders if order and order.name not in made}


def order_of(values: object) -> Order | None:
    """Return the order of a stored request, or None if it is not valid."""
    try:
        return Order(Request.from_values(values))
    except BadRequest:
        return None


def failed_jobs(jobs_dir: Path) -> dict[str, ReportRow]:
    """Return the newest failed job of every recipe; {} without a jobs folder."""
    try:
        rows = [job_row(job) for job in job_folders(jobs_dir)]
    except (OSError, InvalidJob):
        return {}
    return {settings_key(row.recipe): row for row in rows if row.status == FAILED and row.recipe}


def settings_key(values: dict[str, Any]) -> str:
    """Return a text that is equal for requests of the same object, wherever their input files lie.

    A job has a copy of an input file under another name, so of inputs only the kind counts.
    """
    compared = {name: bool(value) if name in INPUTS else value for name, value in values.items()}
    return json.dumps({name: value for name, value in compared.items() if name != "device"}, sort_keys=True)
