# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of an object: ID.json, equal whenever it is made, and .row with what differs each time.

.row has values of the manifest's row alone and is part of no shard, whose index has them.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..system.untrusted_files import parse_json, read_json

MAX_FACTS_BYTES, MAX_ROW_BYTES = 2**20, 2**12
ROW_FILE = ".row"
ROW_VALUES: dict[str, type] = {"seconds": float, "attempt": int, "made_at": str, "judge_kind": str, "judge_color": str}


def described(content: bytes) -> dict[str, Any]:
    """Return bytes and hash of a file."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def write_row_values(folder: Path, values: Mapping[str, Any]) -> None:
    """Write the values of an object's row that differ each time it is made.

    Raises:
        OSError: The file cannot be written.
    """
    (folder / ROW_FILE).write_text(json.dumps(row_values(values), ensure_ascii=False), encoding="utf-8")


def row_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of ROW_VALUES that are known and have their type."""
    return {name: values[name] for name, kind in ROW_VALUES.items() if isinstance(values.get(name), kind)}


def facts_in(folder: Path) -> dict[str, Any]:
    """Return the facts of an object in a folder, with the values of its row and the description of ID.json.

    Raises:
        OSError, ValueError, KeyError, TypeError: They cannot be read.
    """
    path = folder / f"{folder.name}.json"
    facts: dict[str, Any] = read_json(path, MAX_FACTS_BYTES)
    facts["files"]["json"] = described(path.read_bytes())
    with suppress(OSError, ValueError, AttributeError):
        facts |= row_values(read_json(folder / ROW_FILE, MAX_ROW_BYTES))
    return facts


def facts_of_content(content: bytes) -> dict[str, Any]:
    """Return the facts of an object from the content of its ID.json.

    Raises:
        ValueError, KeyError, TypeError: It cannot be read.
    """
    facts: dict[str, Any] = parse_json(content.decode())
    facts["files"]["json"] = described(content)
    return facts
