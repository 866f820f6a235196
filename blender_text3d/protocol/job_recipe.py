# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of a finished job: what its object depends on."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from .events import Event, Started, ViewChosen
from .models import VIEW_COUNTS
from .request import Request

FACTS = ("weights_sha256", "engine_version", "torch_version", "device", "device_name")
"""Attributes of Started that the recipe records."""
VIEW_FILES = frozenset(f"view_{index}.png" for index in range(max(VIEW_COUNTS)))
"""Names that an untrusted journal may give to a view."""
UNRELATED = {"device", "viewer", "keep_steps"}
"""Settings of a request that do not change the object, or that Started replaces."""


def job_recipe(job_id: str, request: Request, events: Iterable[Event]) -> dict[str, Any]:
    """Return all settings to generate an object again, by stored name, and what it depends on besides them.

    Files that the request names have the names of the job's copies, and a folder with an image model its last name:
    exported files do not tell where the user keeps it.
    """
    events = list(events)
    started = next((event for event in events if isinstance(event, Started)), None)
    asked = {name: value for name, value in request.to_values().items() if name not in UNRELATED}
    asked["image_model_source"] = without_folders(request.image_model_source)
    facts = {name: getattr(started, name, "") for name in FACTS}
    return {**asked, **facts, **view_facts(started, events), "job_id": job_id}


def without_folders(source: str) -> str:
    """Return the last name of an absolute path, and any other text as it is."""
    is_path = PurePosixPath(source).is_absolute() or PureWindowsPath(source).is_absolute()
    return PureWindowsPath(source).name if is_path else source


def view_facts(started: Started | None, events: Iterable[Event]) -> dict[str, Any]:
    """Return the weights that made the view of a three-step model, and which candidate was taken; {} without a view."""
    chosen = next((event for event in events if isinstance(event, ViewChosen)), None)
    if started is None or chosen is None or chosen.view not in VIEW_FILES:
        return {}
    score = {} if chosen.score is None else {"view_score": round(chosen.score, 4), "view_scored_by": chosen.scored_by}
    return {"image_weights_sha256": started.image_weights_sha256, "view": chosen.view, **score}


def is_copy(recipe: Mapping[str, Any]) -> bool:
    """True if a recipe's object is a copy of another object, which neither seed nor prompt nor image decided."""
    return bool(recipe.get("object")) and not recipe.get("vary")
