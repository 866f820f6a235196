# SPDX-License-Identifier: GPL-3.0-or-later
"""ReportRow: what a report tells of one object, cleaned of what untrusted files may contain."""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from blender_text3d.prompts.reader import read_prompt
from blender_text3d.protocol.models import reading_model
from blender_text3d.system.console import sanitized
from scripts.cli.report_pictures import PictureInShard

MAX_TEXT, MAX_RECIPE_CHARACTERS = 2000, 2**16
COMPLETE, FAILED, CANCELLED, UNFINISHED = "complete", "failed", "cancelled", "unfinished"
STATUS_OF = {"finished": COMPLETE, "failed": FAILED, "cancelled": CANCELLED}
"""Status by the kind of a job's last event; without one, the job is unfinished."""


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """One object. What is not known is None or empty, and the report leaves it out.

    Attributes:
        name: Name of the object's files, or of its job folder.
        status: COMPLETE, FAILED, CANCELLED or UNFINISHED.
        recipe: Settings by stored name.
        seconds: Time that the job took.
        faces, vertices, points: Counts of the result; 0 if it has none.
        size_bytes: Sum of the files that exist.
        files: Names of those files by format.
        device, engine, torch: Device and versions of the worker.
        reason: Why it failed, and what to do.
        picture: Picture of the object.
        folder: Folder of the files, from that of the report; "" if they lie next to it.
        details: Further facts by name, as one line each.
    """

    name: str
    status: str
    recipe: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    faces: int = 0
    vertices: int = 0
    points: int = 0
    size_bytes: int = 0
    files: dict[str, str] = field(default_factory=dict)
    device: str = ""
    engine: str = ""
    torch: str = ""
    reason: str = ""
    picture: Path | PictureInShard | None = None
    folder: str = ""
    details: dict[str, str] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        """Return a setting of the recipe as one line of text, or "" without one."""
        value = self.recipe.get(name)
        return sanitized(str(value))[:MAX_TEXT] if isinstance(value, str | int | float) else ""

    @property
    def kind(self) -> str:
        """The kind of object that the prompt names, or "" if it names none that is known or a file shows the object."""
        is_shown = any(self.recipe.get(name) for name in ("image", "object", "latent"))
        model = reading_model(self.setting("model"), self.setting("image_model"))
        return "" if is_shown else kind_of(self.setting("prompt"), model)


@lru_cache(2**14)
def kind_of(prompt: str, model: str) -> str:
    """Return the known kind of object that a prompt names, or "".

    Args:
        prompt: The prompt.
        model: The small model with whose words it is read and which draws another kind for a word that it does not
            know, or "" if it is read as free text.
    """
    reading = read_prompt(prompt, model)
    if reading is None or (not model and reading.main in {known for _, known in reading.read_as}):
        return ""
    return reading.main


def safe_recipe(values: object) -> dict[str, Any]:
    """Return a recipe if it is an object of plain JSON that is not too large, else {}."""
    if not isinstance(values, dict):
        return {}
    try:
        return values if len(json.dumps(values, allow_nan=False)) <= MAX_RECIPE_CHARACTERS else {}
    except (ValueError, RecursionError):  # NaN and Infinity are no JSON in a browser
        return {}


def safe_number(value: object) -> float:
    """Return a number from 0, or 0 for everything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) and value >= 0 else 0
