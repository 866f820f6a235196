# SPDX-License-Identifier: GPL-3.0-or-later
"""The models' files: those that ship with us, and OpenAI's as far as they were fetched."""

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
SHIPPED_NAMES = ("image_tower", "point_e", "shap_e", "words")
LIST_WITHIN_S, CHECK_WITHIN_S = 60, 1800


def shipped(case: Context, folder: Path = SHIPPED) -> Iterator[Finding]:
    """Whether the small models' files are all there and whole."""
    what, wanted = "Small models", f"{len(SHIPPED_NAMES)} whole files"
    broken = {name: why for name in SHIPPED_NAMES if (why := weights_file_problem(folder / f"{name}.safetensors"))}
    if broken:
        found = "; ".join(f"{name} {why}" for name, why in broken.items())
        fix = "Install the add-on again, from a zip that was downloaded whole."
        yield Finding("shipped", what, BAD, found, wanted, fix)
        return
    files = (folder / f"{name}.safetensors" for name in SHIPPED_NAMES)
    found = ", ".join(f"{file.stem} {hashlib.sha256(file.read_bytes()).hexdigest()[:8]}" for file in files)
    yield Finding("shipped", what, GOOD, f"whole: {found}", wanted)


def weights_file_problem(path: Path) -> str:
    """Why a safetensors file cannot be used; "" where its size is the one that its own header tells."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            entries = json.loads(file.read(length)) if 0 < length < size else None
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except ValueError:
        entries = None
    if not isinstance(entries, dict):
        return "is no file of weights"
    ends = [entry["data_offsets"][1] for name, entry in entries.items() if name != "__metadata__"]
    should = 8 + length + max(ends, default=0)
    return "" if size == should else f"has {size:,} bytes, not {should:,}"


def official(case: Context) -> Iterator[Finding]:
    """Which of OpenAI's files are here, and whether they are what their makers published."""
    what, wanted = "OpenAI's models", "none, or files that were verified"
    listed = run_weights_command("list", LIST_WITHIN_S, case.data_dir)
    if not listed or "name" not in listed[0]:
        why = listed[0].get("message", "") if listed else "it said nothing"
        yield Finding("official", what, WARN, f"they could not be listed ({why})", wanted, "Install the add-on again.")
        return
    here = [file for file in listed if file["file"]]
    aside = sorted(path.name for path in Path(listed[0]["folder"]).rglob("*.broken"))
    yield from _broken_ones(case, what, wanted, here, aside)
    half = [file["name"] for file in listed if file["received_bytes"]]
    if half:
        fix = "Fetch them again: the download goes on where it stopped."
        yield Finding("official_half", what, WARN, f"begun: {', '.join(half)}", wanted, fix, "preferences")


def _broken_ones(
    case: Context, what: str, wanted: str, here: list[dict[str, Any]], aside: list[str]
) -> Iterator[Finding]:
    fix = "Fetch these again."
    failures = (
        [
            news["message"]
            for news in run_weights_command("check", CHECK_WITHIN_S, case.data_dir)
            if news.get("stage") == "failed"
        ]
        if case.is_full and here
        else []
    )
    unverified = [file["name"] for file in here if not file["sha256"]]
    if failures:
        yield Finding("official", what, BAD, " ".join(failures).rstrip("."), wanted, fix, "preferences")
    elif unverified and not case.is_full:
        found = f"{', '.join(unverified)} not verified since they came or changed"
        yield Finding("official", what, WARN, found, wanted, "They are read when they are first used, or by --full.")
    elif aside:
        yield Finding("official", what, WARN, f"put aside as damaged: {', '.join(aside)}", wanted, fix, "preferences")
    else:
        found = ", ".join(f"{file['name']} {file['sha256'][:8]}" for file in here)
        yield Finding("official", what, GOOD, f"verified: {found}" if here else "none here, and none needed", wanted)


def run_weights_command(action: str, within_s: float, data_dir: Path) -> list[dict[str, Any]]:
    """What the weights' own command line answers, object by object; a failure as its news would say it."""
    command = [sys.executable, *PYTHON_OPTIONS, *python_options(PACKAGE, "engine.weights"), "--json", action]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=within_s, stdin=subprocess.DEVNULL,
            env=clean_environment() | {HOME_VARIABLE: str(data_dir)},
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [{"stage": "failed", "message": str(error)}]
