# SPDX-License-Identifier: GPL-3.0-or-later
"""Small facts kept beside the weights as JSON: read if they can be, replaced in one step."""

import json
import os
from pathlib import Path

from ....system.patience import replace_with_retry


def read_json(path: Path) -> dict:
    """The object in a JSON file; empty where there is none that can be read."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def write_json(path: Path, facts: dict) -> None:
    """Replace the file, so that a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    unfinished.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    replace_with_retry(unfinished, path)
