# SPDX-License-Identifier: GPL-3.0-or-later
"""Index of a shard: NAME.index.jsonl next to NAME.tar, so that a run knows all objects without opening a shard.

Its first line has version, bytes of the shard and IDs; each further line has the facts of an object, with shard and
offsets.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ..protocol.errors import BadRequest
from ..system.files import replace_content
from ..system.untrusted_files import parse_json, require_regular_file
from .sync import sync

VERSION = 1
ENDING = ".index.jsonl"
MAX_INDEX_BYTES = 2**28


class IndexHead(NamedTuple):
    """The first line of an index.

    Attributes:
        shard_bytes: Bytes of the complete shard.
        ids: IDs of its objects.
    """

    shard_bytes: int
    ids: tuple[str, ...]


def index_path(shard: Path) -> Path:
    """Return the path of a shard's index."""
    return shard.with_name(shard.stem + ENDING)


def write_index(shard: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the index of a complete shard, atomically.

    Raises:
        OSError: It cannot be written.
    """
    head = {"version": VERSION, "bytes": shard.stat().st_size, "ids": [row["id"] for row in rows]}
    lines = [json.dumps(values, ensure_ascii=False) for values in (head, *rows)]
    replace_content(index_path(shard), "\n".join([*lines, ""]).encode())
    sync(index_path(shard))


def read_head(shard: Path) -> IndexHead | None:
    """Return the first line of a shard's index, or None if it is missing or damaged.

    Raises:
        BadRequest: It is of a newer version.
    """
    path = index_path(shard)
    try:
        require_regular_file(path, MAX_INDEX_BYTES)
        with path.open(encoding="utf-8") as file:
            values = parse_json(file.readline())
        version = int(values["version"])
        head = IndexHead(int(values["bytes"]), tuple(map(str, values["ids"]))) if version == VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if version > VERSION:
        raise BadRequest(f"{path} has version {version}, Text3D here reads {VERSION}. Update it, or change --out.")
    return head


def read_rows(shard: Path) -> Iterator[dict[str, Any]]:
    """Return the facts of a shard's objects.

    Raises:
        OSError, ValueError: The index cannot be read.
    """
    with index_path(shard).open(encoding="utf-8") as file:
        yield from map(parse_json, islice(file, 1, None))
