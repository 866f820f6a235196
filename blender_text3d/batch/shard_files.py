# SPDX-License-Identifier: GPL-3.0-or-later
"""Tar shards that WebDataset reads: the files of an object stand together, and its key has no dot."""

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..system.files import replace_with_retry
from ..system.untrusted_files import is_plain_name, parse_json
from .object_facts import MAX_FACTS_BYTES, ROW_FILE, facts_in, facts_of_content
from .sync import sync

MAX_FILE_BYTES = 2**30
MODE = 0o644


def write_shard(shard: Path, folders: Sequence[Path]) -> list[dict[str, Any]]:
    """Write a shard of finished objects, atomically; equal objects give equal bytes. Returns the objects' facts.

    Raises:
        OSError, ValueError: A file cannot be read or written.
    """
    part = shard.with_name(f".{shard.name}.part")
    rows = []
    with part.open("wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in folders:
            facts = facts_in(folder)
            for path in sorted(path for path in folder.iterdir() if path.name != ROW_FILE):
                offset = _add(tar, path)
                ending = path.name.removeprefix(f"{folder.name}.")
                if ending in facts["files"]:
                    facts["files"][ending]["offset"] = offset
            rows.append({**facts, "shard": shard.name})
    sync(part)
    replace_with_retry(part, shard)
    sync(shard.parent)
    return rows


def _add(tar: tarfile.TarFile, path: Path) -> int:
    """Add a file without its time and owner; returns where its content begins."""
    info = tarfile.TarInfo(path.name)
    info.size, info.mode = path.stat().st_size, MODE
    offset = tar.offset + tarfile.BLOCKSIZE
    with path.open("rb") as file:
        tar.addfile(info, file)
    return offset


def complete_samples(shard: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Return the objects of a shard, which may be cut or damaged, that are as their facts say: ID and files by name."""
    for key, files in _samples(shard):
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            facts = parse_json(files[f"{key}.json"].decode())
            known = {f"{key}.{ending}": values["sha256"] for ending, values in facts["files"].items()}
            found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
            if facts["id"] == key and known == {name: found[name] for name in found if name != f"{key}.json"}:
                yield key, files


def _samples(shard: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Return the files of each key up to the first that cannot be read."""
    key, files = "", dict[str, bytes]()
    with suppress(tarfile.TarError, OSError, EOFError), tarfile.open(shard, "r:") as tar:
        for info in tar:
            name = info.name.partition(".")[0]
            content = tar.extractfile(info) if info.isfile() and info.size <= MAX_FILE_BYTES else None
            if content is None or not is_plain_name(info.name):
                continue
            if name != key and files:
                yield key, files
                files = {}
            key, data = name, content.read()
            files[info.name] = data
    if files:
        yield key, files


def shard_rows(shard: Path) -> list[dict[str, Any]]:
    """Return the facts of a whole shard's objects, as `write_shard` does, to write a lost index again.

    Raises:
        OSError, ValueError, tarfile.TarError: It cannot be read.
    """
    rows: dict[str, dict[str, Any]] = {}
    offsets: dict[str, dict[str, int]] = {}
    with tarfile.open(shard, "r:") as tar:
        for info in tar:
            key, _, ending = info.name.partition(".")
            offsets.setdefault(key, {})[ending] = info.offset_data
            if ending == "json" and info.size <= MAX_FACTS_BYTES and (file := tar.extractfile(info)):
                content = file.read()
                rows[key] = {**facts_of_content(content), "shard": shard.name}
    for key, row in rows.items():
        for ending, values in row["files"].items():
            values["offset"] = offsets[key][ending]
    return list(rows.values())
