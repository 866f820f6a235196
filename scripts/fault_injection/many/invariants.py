# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a folder after the faults: nothing lost, nothing twice, nothing damaged, nothing left behind."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from pyarrow import parquet

from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.work_folders import LOCK_NAME

from ..fault import require


class Found(NamedTuple):
    """Contents of an output folder.

    Attributes:
        made: Number of objects.
        failed: Number of objects that are named as failed for good.
        packed: Number of the objects that are in shards.
    """

    made: int
    failed: int
    packed: int


def checked(out: Path, wanted: set[str], poison: set[str]) -> Found:
    """Check an output folder.

    Args:
        out: The folder.
        wanted: IDs of the objects that can be made.
        poison: IDs of those that end their worker.

    Raises:
        InvariantViolated: An object is lost, twice, damaged or without a reason.
    """
    store = ObjectStore(out)
    in_folders, in_shards = [folder.name for folder in store.folders()], [row["id"] for row in packed_rows(store)]
    counts = Counter([*in_folders, *in_shards])
    twice = [name for name, count in counts.items() if count > 1]
    require(not twice, f"{len(twice)} objects are there twice, such as {twice[:1]}")
    lost = wanted - counts.keys()
    require(not lost, f"{len(lost)} objects are lost, such as {sorted(lost)[:1]}")
    require(not counts.keys() - wanted, "there are objects that nobody wanted")
    for name in in_folders:
        check_files(store.folder_of(name))
    check_manifest(out, counts.keys())
    reasons = failures(out)
    require(poison <= reasons.keys(), f"{len(poison - reasons.keys())} failures are not told")
    require(all(reasons[name] for name in poison), "a failure has no reason")
    # A folder without a lock may have been created just now: the product removes it after some minutes.
    left = [path.name for path in store.work.iterdir() if (path / LOCK_NAME).exists() or path.name.startswith("run-")]
    require(not left, f"unfinished work was left: {left[:3]}")
    return Found(len(counts), len(poison), len(in_shards))


def packed_rows(store: ObjectStore) -> list[dict[str, Any]]:
    """Return the facts of packed objects."""
    store.shards.ids()
    return list(store.shards.rows())


def check_files(folder: Path) -> None:
    """Check that each file of an object is as its facts say.

    Raises:
        InvariantViolated: One is not.
    """
    facts = json.loads((folder / f"{folder.name}.json").read_text(encoding="utf-8"))
    for ending, file in facts["files"].items():
        content = (folder / f"{folder.name}.{ending}").read_bytes()
        is_whole = (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
        require(is_whole, f"{folder.name}.{ending} is damaged")


def check_manifest(out: Path, wanted: Any) -> None:
    """Check that the manifest has one row for each object.

    Raises:
        InvariantViolated: It has not.
    """
    ids = parquet.read_table(out / "manifest.parquet", columns=["id"]).column("id").to_pylist()
    require(len(ids) == len(set(ids)), "the manifest has an object twice")
    require(set(ids) == set(wanted), "the manifest does not have the objects of the folder")


def failures(out: Path) -> dict[str, str]:
    """Return the last reason of each object that failed."""
    lines = (out / "failed.jsonl").read_bytes().splitlines() if (out / "failed.jsonl").exists() else []
    return {values["id"]: values["reason"] for values in map(json.loads, lines)}
