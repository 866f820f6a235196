# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a report from the folder of a chunk: shards, objects/ID/ID.json, and failed.jsonl for what was not made."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from blender_text3d.batch.object_facts import MAX_ROW_BYTES, ROW_FILE, row_values
from blender_text3d.client.results.entry import is_own_folder
from blender_text3d.system.console import sanitized
from blender_text3d.system.untrusted_files import read_json, require_regular_file
from scripts.cli.report_jobs import own_files
from scripts.cli.report_row import COMPLETE, FAILED, ReportRow, safe_number, safe_recipe
from scripts.cli.report_shards import SHARDS, picture_of, shard_facts, shard_paths

OBJECTS, FAILURES = "objects", "failed.jsonl"
MAX_FACTS_BYTES, MAX_FAILURES_BYTES = 2**18, 2**26
BROKEN = "The facts of the object cannot be read."
ASKED = ("prompt", "model", "seed")


def is_chunk(folder: Path) -> bool:
    """True if a folder has the objects of a chunk, in folders or in shards."""
    return is_own_folder(folder / OBJECTS) or bool(shard_paths(folder))


def chunk_rows(folder: Path) -> Iterator[ReportRow]:
    """Yield a row for every object, packed ones first, then for every one that failed and was not made later.

    Raises:
        OSError: The folder cannot be read.
    """
    made = set[str]()
    for shard, facts in shard_facts(folder):
        if facts["id"] not in made:
            made.add(facts["id"])
            yield packed_row(shard, facts)
    for name in loose_names(folder / OBJECTS):
        if name not in made:
            made.add(name)
            yield object_row(folder, name)
    for name, values in failures(folder / FAILURES).items():
        if name not in made:
            yield failure_row(name, values)


def loose_names(objects: Path) -> list[str]:
    """Return the names of the folders of objects.

    Raises:
        OSError: The folder cannot be read.
    """
    if not is_own_folder(objects):
        return []
    return [name for name in sorted(os.listdir(objects)) if is_own_folder(objects / name)]


def packed_row(shard: Path, facts: dict[str, Any]) -> ReportRow:
    """Return the row of an object in a shard."""
    files = facts.get("files")
    described = files.values() if isinstance(files, dict) else ()
    return row_of(
        facts["id"],
        facts,
        size_bytes=sum(int(safe_number(file.get("bytes"))) for file in described if isinstance(file, dict)),
        picture=picture_of(shard, facts),
        details={**details_of(facts), "Shard": f"{SHARDS}/{shard.name}"},
    )


def object_row(folder: Path, name: str) -> ReportRow:
    """Return the row of an object; if its facts cannot be read, one that says so."""
    own = folder / OBJECTS / name
    try:
        facts = read_json(own / f"{name}.json", MAX_FACTS_BYTES, follow_links=False)
        if not isinstance(facts, dict):
            raise ValueError("no object")
    except (OSError, ValueError):
        return ReportRow(name=name, status=FAILED, reason=BROKEN)
    with suppress(OSError, ValueError, AttributeError):
        facts |= row_values(read_json(own / ROW_FILE, MAX_ROW_BYTES, follow_links=False))
    listed = facts.get("files")
    files = {ending: f"{name}.{ending}" for ending in listed} if isinstance(listed, dict) else {}
    sizes = own_files(own, files)
    return row_of(
        name,
        facts,
        size_bytes=sum(sizes.values()),
        files={ending: files[ending] for ending in sizes},
        picture=own / f"{name}.webp",
        folder=f"{OBJECTS}/{name}",
        details=details_of(facts),
    )


def row_of(name: str, facts: dict[str, Any], **others: Any) -> ReportRow:
    """Return the row of an object that was made."""
    return ReportRow(
        name=name,
        status=COMPLETE,
        recipe=safe_recipe(facts.get("parameters")),
        seconds=safe_number(facts.get("seconds")),
        **{count: int(safe_number(facts.get(count))) for count in ("faces", "vertices", "points")},
        device=text_of(facts, "device_name") or text_of(facts, "device"),
        engine=text_of(facts, "engine_version"),
        torch=text_of(facts, "torch_version"),
        **others,
    )


def details_of(facts: dict[str, Any]) -> dict[str, str]:
    """Return further facts by name: sides of the box, parts, the judge's words, license, attempt; known ones alone."""
    box, watertight = facts.get("box_m"), facts.get("watertight")
    sides = [safe_number(side) for side in box] if isinstance(box, list) and len(box) == 3 else []
    known = {
        "Size": " × ".join(f"{side:.3g}" for side in sides) + " m" if sides else "",
        "Watertight": {True: "yes", False: "no"}[watertight] if isinstance(watertight, bool) else "",
        "Parts": f"{safe_number(facts.get('parts')):.0f}" if safe_number(facts.get("parts")) else "",
        "Looks like": " ".join(filter(None, (text_of(facts, "judge_color"), text_of(facts, "judge_kind")))),
        "License": text_of(facts, "license"),
        "Attempt": f"{safe_number(facts.get('attempt')):.0f}" if safe_number(facts.get("attempt")) > 1 else "",
    }
    return {name: text for name, text in known.items() if text}


def text_of(facts: dict[str, Any], name: str) -> str:
    """Return a fact as one line, or "" if it is no text."""
    value = facts.get(name)
    return sanitized(value)[:120] if isinstance(value, str) else ""


def failures(path: Path) -> dict[str, dict[str, Any]]:
    """Return the last failure of each object by its ID; lines that cannot be read are left out."""
    last: dict[str, dict[str, Any]] = {}
    with suppress(OSError, ValueError):
        require_regular_file(path, MAX_FAILURES_BYTES, follow_links=False)
        for line in path.read_bytes().splitlines():
            with suppress(ValueError, RecursionError):
                values = json.loads(line)
                if isinstance(values, dict) and isinstance(values.get("id"), str):
                    last[values["id"]] = values
    return last


def failure_row(name: str, values: dict[str, Any]) -> ReportRow:
    """Return the row of an object that failed."""
    asked = safe_recipe(values.get("recipe"))
    asked = asked or safe_recipe({setting: values[setting] for setting in ASKED if setting in values})
    reason = values.get("reason")
    attempt = safe_number(values.get("attempt"))
    return ReportRow(
        name=sanitized(name)[:120],
        status=FAILED,
        recipe=asked,
        reason=sanitized(reason) if isinstance(reason, str) else "It failed.",
        details={"Attempt": f"{attempt:.0f}"} if attempt else {},
    )
