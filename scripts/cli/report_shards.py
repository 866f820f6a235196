# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a report from the tar shards of a chunk: facts from their indexes, pictures by offset, nothing unpacked.

A shard without an index is read from manifest.parquet, if there is one and this Python has pyarrow.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from blender_text3d.batch.shard_index import MAX_INDEX_BYTES, index_path
from blender_text3d.client.results.entry import is_own_folder
from blender_text3d.system.untrusted_files import is_plain_name, parse_json, require_regular_file
from scripts.cli.report_pictures import PictureInShard

SHARDS, MANIFEST = "shards", "manifest.parquet"
MAX_MANIFEST_BYTES = 2**32
NO_INDEX = (
    "Tar files without an index: {}. Their objects are read from manifest.parquet, if it lists them and pyarrow is "
    "installed. The next run of generate.py --jobs writes the index again."
)
COLUMNS = ("id", "parameters", "seconds", "attempt", "faces", "vertices", "points", "parts", "watertight", "license")
COLUMNS += ("device", "device_name", "engine_version", "torch_version", "judge_kind", "judge_color", "shard")
COLUMNS += ("box_x_m", "box_y_m", "box_z_m", "webp_bytes", "webp_sha256", "webp_offset", "glb_bytes", "json_bytes")


def shard_paths(folder: Path) -> list[Path]:
    """Return the shards in the folder of a chunk, by name.

    Raises:
        OSError: The folder cannot be read.
    """
    shards = folder / SHARDS
    if not is_own_folder(shards):
        return []
    return [shards / name for name in sorted(os.listdir(shards)) if name.endswith(".tar") and not name.startswith(".")]


def shard_facts(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the shard and the facts of every packed object.

    Raises:
        OSError: The folder cannot be read.
    """
    without_index = []
    for shard in shard_paths(folder):
        if is_index(index_path(shard)):
            yield from ((shard, facts) for facts in indexed_facts(index_path(shard)))
        else:
            without_index.append(shard)
    if without_index:
        print(NO_INDEX.format(len(without_index)), file=sys.stderr)
        by_name = {shard.name: shard for shard in without_index}
        yield from ((by_name[facts["shard"]], facts) for facts in manifest_facts(folder / MANIFEST, set(by_name)))


def is_index(path: Path) -> bool:
    """True if an index can be read."""
    with suppress(OSError, ValueError):
        require_regular_file(path, MAX_INDEX_BYTES, follow_links=False)
        return True
    return False


def indexed_facts(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the facts of an index; lines that cannot be read are left out."""
    with suppress(OSError), path.open("rb") as file:
        for line in islice(file, 1, None):
            with suppress(ValueError):
                facts = parse_json(line.decode())
                if isinstance(facts, dict) and isinstance(facts.get("id"), str) and is_plain_name(facts["id"]):
                    yield facts


def manifest_facts(path: Path, shards: set[str]) -> Iterator[dict[str, Any]]:
    """Yield facts, as an index has them, of the objects in some shards; none without a manifest or pyarrow."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return
    with suppress(OSError, ValueError, pa.ArrowException):
        require_regular_file(path, MAX_MANIFEST_BYTES, follow_links=False)
        with parquet.ParquetFile(path) as file:
            names = [name for name in COLUMNS if name in file.schema_arrow.names]
            for rows in file.iter_batches(1000, columns=names):
                yield from (facts_of(row) for row in rows.to_pylist() if row.get("shard") in shards)


def facts_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a manifest as the facts of an object."""
    facts = dict(row)
    with suppress(ValueError, TypeError):
        facts["parameters"] = json.loads(row.get("parameters") or "{}")
    facts["box_m"] = [row.get(f"box_{axis}_m") for axis in "xyz"]
    facts["files"] = {
        ending: {name: row.get(f"{ending}_{name}") for name in ("bytes", "sha256", "offset")}
        for ending in ("glb", "json", "webp")
    }
    return facts


def picture_of(shard: Path, facts: dict[str, Any]) -> PictureInShard | None:
    """Return where the picture of a packed object is, or None if that is not known."""
    files = facts.get("files")
    values = files.get("webp") if isinstance(files, dict) else None
    if not isinstance(values, dict):
        return None
    offset, size, sha256 = values.get("offset"), values.get("bytes"), values.get("sha256")
    is_known = isinstance(offset, int) and isinstance(size, int) and isinstance(sha256, str) and offset >= 0
    return PictureInShard(shard, offset, size, sha256) if is_known else None
