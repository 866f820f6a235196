# SPDX-License-Identifier: GPL-3.0-or-later
"""manifest.parquet: a row for each object of an output folder; manifest.jsonl with the same columns without pyarrow.

It is written from the facts of folders and the indexes of shards, which are what counts: nothing is lost with it.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..protocol.errors import BadRequest
from ..system.file_lock import FileLock
from ..system.files import replace_with_retry
from ..system.untrusted_files import parse_json
from .drive_lock import acquired
from .object_facts import facts_in
from .object_store import ObjectStore
from .sync import sync

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 1
VERSION_KEY = "text3d_manifest_version"
ROWS_PER_GROUP = MAX_ROWS_IN_EACH_RUN = 10_000
MIN_SHARE_MADE = 0.05
"""Share of all objects that a run made, to be worth reading the facts of all."""
LOCK_NAME = "manifest"
LOCK_TIMEOUT_S = 600.0
PARQUET, LINES = "manifest.parquet", "manifest.jsonl"
NO_PARQUET = f"{LINES} was written instead of {PARQUET}, because this Python has no pyarrow: repair the environment."
TEXTS = (
    *("id", "prompt", "model", "parameters", "weights_sha256", "engine_version", "torch_version", "device"),
    *("device_name", "license", "shard", "made_at", "judge_kind", "judge_color"),
)
INTEGERS = ("seed", "vertices", "faces", "points", "parts", "attempt")
NUMBERS = ("seconds", "box_x_m", "box_y_m", "box_z_m")
FLAGS = ("watertight",)
FILES = ("glb", "cloud.glb", "json", "webp", "latent.npz")
"""Ends of the names of an object's files, each with the columns _bytes, _sha256 and _offset (in its shard)."""


def column_of(ending: str) -> str:
    """Return the beginning of the names of a file's columns, such as "cloud_glb"."""
    return ending.replace(".", "_")


def columns() -> dict[str, str]:
    """Return the type of each column, "string", "int64", "double" or "bool": the same in every manifest."""
    kinds = {"string": TEXTS, "int64": INTEGERS, "double": NUMBERS, "bool": FLAGS}
    named = {name: kind for kind, names in kinds.items() for name in names}
    for start in map(column_of, FILES):
        named |= {f"{start}_bytes": "int64", f"{start}_sha256": "string", f"{start}_offset": "int64"}
    return named


def row_of(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the row of an object; what is not known is None.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: The facts are damaged.
    """
    row: dict[str, Any] = dict.fromkeys(columns())
    row |= {name: facts[name] for name in row.keys() & facts.keys()}
    row["parameters"] = json.dumps(facts["parameters"], ensure_ascii=False, sort_keys=True)
    row["box_x_m"], row["box_y_m"], row["box_z_m"] = map(float, facts["box_m"])
    for ending in FILES:
        values = facts["files"].get(ending, {})
        row |= {f"{column_of(ending)}_{name}": values.get(name) for name in ("bytes", "sha256", "offset")}
    return row


def prepare_writer() -> None:
    """Import what writes the manifest, so that the end of a run need not wait for it."""
    if find_spec("pyarrow"):
        from pyarrow import parquet  # noqa: F401


def update_manifest(store: ObjectStore, made: int, *, is_last: bool) -> str:
    """Write the manifest at the end of a run if it is not complete; returns a sentence for the user, or "".

    A run that made few of many objects leaves it to a later one: each would read the facts of all.

    Args:
        store: The folder of objects.
        made: Number of objects that this run made.
        is_last: True to write it in any case.

    Raises:
        BadRequest: The existing one is of a newer version.
        OSError: It cannot be written.
    """
    objects = len(store.shards.ids()) + len(store.folders())
    if not is_last and rows_of_manifest(checked_path(store)) == objects and not made:
        return ""
    if not is_last and objects > max(MAX_ROWS_IN_EACH_RUN, made / MIN_SHARE_MADE):
        return f"The manifest still lacks the objects of this run, few of {objects:,}. Add --finish to the last run."
    return write_manifest(store)


def write_manifest(store: ObjectStore) -> str:
    """Write the manifest of all objects, atomically; returns a sentence for the user, or "".

    Of several processes, one writes at a time, so that the last one's has the objects of all.

    Raises:
        BadRequest: The existing one is of a newer version.
        OSError: It cannot be written.
    """
    path = checked_path(store)
    part = path.with_name(f".{path.name}.part")
    with FileLock(store.out / ".work" / LOCK_NAME) as lock:
        if not acquired(lock, LOCK_TIMEOUT_S):
            return f"Another process is still writing {path.name}. Run the same command again later."
        rows = rows_in(store)
        if path.name == PARQUET:
            write_parquet(part, rows)
        else:
            write_lines(part, rows)
        sync(part)
        replace_with_retry(part, path)
    return "" if path.name == PARQUET else NO_PARQUET


def checked_path(store: ObjectStore) -> Path:
    """Return the path of the manifest that this Python can write.

    Raises:
        BadRequest: The existing one is of a newer version.
    """
    has_pyarrow = find_spec("pyarrow") is not None
    path = store.out / (PARQUET if has_pyarrow else LINES)
    if (version := (parquet_version if has_pyarrow else lines_version)(path)) > VERSION:
        raise BadRequest(f"{path} has version {version}, Text3D here writes {VERSION}. Update it, or change --out.")
    return path


def rows_in(store: ObjectStore) -> Iterator[dict[str, Any]]:
    """Return the rows of all objects, each once; those whose facts are damaged are left out."""
    seen = set[str]()
    loose = [folder for folder in store.folders() if folder.name not in store.shards.ids()]
    for facts in chain(store.shards.rows(), map(known_facts, loose)):
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            row = row_of(facts)
            if row["id"] not in seen:
                seen.add(row["id"])
                yield row


def known_facts(folder: Path) -> dict[str, Any]:
    """Return the facts of an object in a folder, or {} if they cannot be read."""
    try:
        return facts_in(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_parquet(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows with a schema: without one, Parquet would take the columns of the first rows.

    Raises:
        OSError: The file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    fields = [pa.field(name, pa.type_for_alias(kind)) for name, kind in columns().items()]
    schema = pa.schema(fields, metadata={VERSION_KEY: str(VERSION)})
    waiting = iter(rows)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(waiting, ROWS_PER_GROUP)):
            writer.write_table(table_of(some, schema))


def table_of(rows: list[dict[str, Any]], schema: "pa.Schema") -> "pa.Table":
    """Return rows as a table; rows that do not fit the schema are left out."""
    import pyarrow as pa

    try:
        return pa.Table.from_pylist(rows, schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        if len(rows) == 1:
            return pa.Table.from_pylist([], schema)
        half = len(rows) // 2
        return pa.concat_tables([table_of(rows[:half], schema), table_of(rows[half:], schema)])


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as JSON lines after a line with the version.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("w", encoding="utf-8") as file:
        for values in chain([{VERSION_KEY: VERSION}], rows):
            file.write(json.dumps(values, ensure_ascii=False) + "\n")


def rows_of_manifest(path: Path) -> int:
    """Return the number of rows of a manifest; -1 if there is none that can be read."""
    if not path.exists():
        return -1
    if path.name == LINES:
        with suppress(OSError), path.open("rb") as file:
            return sum(1 for _ in file) - 1
        return -1
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return int(parquet.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return -1


def parquet_version(path: Path) -> int:
    """Return the version of a manifest; 0 if there is none, or one that was half written."""
    if not path.exists():
        return 0  # pyarrow takes 0.2 s to import
    import pyarrow as pa
    from pyarrow import parquet

    try:
        metadata = parquet.read_schema(path).metadata or {}
        return int(metadata[VERSION_KEY.encode()])
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return 0


def lines_version(path: Path) -> int:
    """Return the version of a manifest in JSON lines; 0 if there is none, or one that cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            return int(parse_json(file.readline(1000))[VERSION_KEY])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
