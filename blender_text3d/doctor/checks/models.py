# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the weights of the included models, and the downloaded weights of OpenAI's."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...system.child import PACKAGE, PYTHON_OPTIONS
from ...system.run_logged import clean_environment
from ...system.run_module import python_options
from ...system.user_folders import HOME_VARIABLE
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding

SHIPPED = PACKAGE / "engine" / "mini"
SHIPPED_NAMES = (
    *("glide", "image_tower", "point_e", "point_e_distilled", "point_e_draft"),
    *("shap_e", "shap_e_distilled", "shap_e_draft", "words"),
)
MAX_HEADER_BYTES = 2**20
"""Many times the header of an included model."""
LIST_TIMEOUT_S, CHECK_TIMEOUT_S = 60, 1800


def shipped(context: Context, folder: Path = SHIPPED) -> Iterator[Finding]:
    """Check that the files of the included models are complete."""
    what, wanted = "Included models", f"{len(SHIPPED_NAMES)} complete files"
    broken = {name: why for name in SHIPPED_NAMES if (why := weights_file_problem(folder / f"{name}.safetensors"))}
    if broken:
        found = "; ".join(f"{name} {why}" for name, why in broken.items())
        fix = "Install the add-on again, from a complete download."
        yield Finding("shipped", what, BAD, found, wanted, fix)
        return
    files = (folder / f"{name}.safetensors" for name in SHIPPED_NAMES)
    found = ", ".join(f"{file.stem} {hashlib.sha256(file.read_bytes()).hexdigest()[:8]}" for file in files)
    yield Finding("shipped", what, GOOD, f"complete: {found}", wanted)


def weights_file_problem(path: Path) -> str:
    """Return why a safetensors file cannot be used, or "" if its size agrees with its header."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            entries = json.loads(file.read(length)) if 0 < length < min(size, MAX_HEADER_BYTES) else None
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, dict):
        return "is not a weights file"
    ends = [end_of_tensor(entry) for name, entry in entries.items() if name != "__metadata__"]
    if None in ends:
        return "has a header without valid tensors"
    expected = 8 + length + max(filter(None, ends), default=0)
    return "" if size == expected else f"has {size:,} bytes instead of {expected:,}"


def end_of_tensor(entry: Any) -> int | None:
    """Return where a tensor ends, in bytes after the header, or None for an invalid entry of the header."""
    offsets = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(offset) is int for offset in offsets):
        return None
    start, end = offsets
    return end if 0 <= start <= end else None


def official(context: Context) -> Iterator[Finding]:
    """Check that the downloaded files of OpenAI's models are those that were published."""
    what, wanted = "OpenAI models", "none, or verified files"
    listed = run_weights_command("list", LIST_TIMEOUT_S, context.data_dir)
    if not listed or "name" not in listed[0]:
        why = listed[0].get("message", "") if listed else "no output"
        yield Finding("official", what, WARN, f"they cannot be listed ({why})", wanted, "Install the add-on again.")
        return
    local = [file for file in listed if file["file"]]
    quarantined = sorted(path.name for path in Path(listed[0]["folder"]).rglob("*.broken"))
    yield from _verification(context, what, wanted, local, quarantined)
    partial = [file["name"] for file in listed if file["received_bytes"]]
    if partial:
        fix = "Download them again: partial downloads are resumed."
        yield Finding(
            "official_half", what, WARN, f"partly downloaded: {', '.join(partial)}", wanted, fix, "preferences"
        )


def _verification(
    context: Context, what: str, wanted: str, local: list[dict[str, Any]], quarantined: list[str]
) -> Iterator[Finding]:
    fix = "Download these again."
    failures = (
        [
            message["message"]
            for message in run_weights_command("check", CHECK_TIMEOUT_S, context.data_dir)
            if message.get("stage") == "failed"
        ]
        if context.is_full and local
        else []
    )
    unverified = [file["name"] for file in local if not file["sha256"]]
    if failures:
        yield Finding("official", what, BAD, " ".join(failures).rstrip("."), wanted, fix, "preferences")
    elif unverified and not context.is_full:
        found = f"{', '.join(unverified)} not verified since they were downloaded or changed"
        yield Finding("official", what, WARN, found, wanted, "They are verified on first use, or with --full.")
    elif quarantined:
        yield Finding(
            "official", what, WARN, f"quarantined as corrupt: {', '.join(quarantined)}", wanted, fix, "preferences"
        )
    else:
        found = ", ".join(f"{file['name']} {file['sha256'][:8]}" for file in local)
        yield Finding(
            "official", what, GOOD, f"verified: {found}" if local else "none downloaded, and none required", wanted
        )


def run_weights_command(action: str, timeout_s: float, data_dir: Path) -> list[dict[str, Any]]:
    """Return the JSON objects that the weights' command line prints; a failure in the same form."""
    command = [sys.executable, *PYTHON_OPTIONS, *python_options(PACKAGE, "engine.weights"), "--json", action]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout_s, stdin=subprocess.DEVNULL,
            env=clean_environment() | {HOME_VARIABLE: str(data_dir)},
        )  # fmt: skip
        return [json.loads(line) for line in result.stdout.splitlines()]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [{"stage": "failed", "message": str(error)}]
