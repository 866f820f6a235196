# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML file of a report. Rows go through a temporary file, so ten thousand need no more memory than one."""

import base64
import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any, BinaryIO

from blender_text3d.batch.recipe_command import generate_command
from blender_text3d.system.console import sanitized
from blender_text3d.system.files import atomic_write
from scripts.cli.report_pictures import picture_uri
from scripts.cli.report_row import ReportRow
from scripts.cli.report_summary import Summary, summary_html

TEMPLATES = Path(__file__).parent / "report_template"
SCRIPT_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""JSON has these in texts only. A browser then finds neither the end of the script nor a comment in it."""


def write_report(path: Path, rows: Iterable[ReportRow], folder: Path, picture_size: int) -> Summary:
    """Write the file, atomically; returns what it sums up.

    Args:
        path: The file.
        rows: The objects.
        folder: The folder that they were read from.
        picture_size: Longest side of the pictures in pixels.

    Raises:
        OSError: The file cannot be written, or the folder cannot be read.
    """
    summary = Summary()
    is_in_folder = path.resolve().parent == folder.resolve()
    with tempfile.TemporaryFile() as spool:
        for place, row in enumerate(rows):
            summary.add(place, row)
            spool.write(b",\n" if place else b"")
            spool.write(row_json(row, picture_size, is_in_folder))
        spool.seek(0)
        start, end = page(sanitized(folder.resolve().name or str(folder)), summary)
        path.with_name(path.name + ".part").unlink(missing_ok=True)  # a link in an untrusted folder
        with atomic_write(path) as file:
            write_parts(file, start, spool, end)
    return summary


def write_parts(file: BinaryIO, start: str, spool: BinaryIO, end: str) -> None:
    """Write the page with the rows in the place of the data."""
    file.write(start.encode("utf-8", "replace"))
    shutil.copyfileobj(spool, file)
    file.write(end.encode("utf-8", "replace"))


def row_json(row: ReportRow, picture_size: int, is_in_folder: bool) -> bytes:
    """Return what the page needs of a row as ASCII that is safe inside a script element."""
    command, note = generate_command(row.recipe) if "steps" in row.recipe else ("", "")  # a failed line of a chunk
    values: dict[str, Any] = {
        "name": sanitized(row.name),
        "status": row.status,
        "prompt": row.setting("prompt"),
        "model": row.setting("model"),
        "quality": row.setting("quality"),
        "seed": row.setting("seed"),
        "kind": row.kind,
        "seconds": row.seconds,
        "faces": row.faces,
        "vertices": row.vertices,
        "points": row.points,
        "bytes": row.size_bytes,
        "files": row.files,
        "folder": row.folder,
        "details": row.details,
        "linked": is_in_folder,
        "device": row.device,
        "engine": row.engine,
        "torch": row.torch,
        "reason": row.reason,
        "recipe": row.recipe,
        "command": command,
        "note": sanitized(note),
        "picture": picture_uri(row.picture, picture_size),
    }
    known = {name: value for name, value in values.items() if value or (value == 0 and name == "seconds")}
    return json.dumps(known, separators=(",", ":")).translate(SCRIPT_ESCAPES).encode("ascii")


def page(title: str, summary: Summary) -> tuple[str, str]:
    """Return the page before and after the rows."""
    style, script = template("report.css"), template("report.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{source_hash(style)}'; script-src '{source_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {
        "%POLICY%": policy,
        "%STYLE%": style,
        "%TITLE%": escape(title),
        "%TIME%": time.strftime("%Y-%m-%d %H:%M"),
        "%SUMMARY%": summary_html(summary),
        "%SCRIPT%": script,
    }
    start, end = template("report.html").split("%DATA%")
    return filled(start, parts), filled(end, parts)


def filled(text: str, parts: Mapping[str, str]) -> str:
    """Return a template with its parts; names inside of these are left as they are."""
    return re.sub("|".join(parts), lambda place: parts[place[0]], text)


def template(name: str) -> str:
    """Return a part of the page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def source_hash(text: str) -> str:
    """Return the source expression of a content security policy that allows exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
