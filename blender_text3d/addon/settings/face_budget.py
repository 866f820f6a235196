# SPDX-License-Identifier: GPL-3.0-or-later
"""The face budget of a request in the panel: a choice, and a number of faces for one of its items."""

from typing import Any

from ...protocol.face_budget import AUTO, FULL, MAX_FACES, MIN_FACES, QUALITY_FACES

CUSTOM = "number"
ITEMS = (
    (AUTO, "By Quality", "{:,} faces for Draft, {:,} for Standard, {:,} for High".format(*QUALITY_FACES.values())),
    (FULL, "Full", "All faces, as they come from the model: many and uneven"),
    (CUSTOM, "Custom", "A number of faces"),
)
TEXTS = {
    "name": "Face Budget",
    "description": "Faces of the mesh. Thin ones are merged and the others evened. Shape and colors stay",
}
COUNT: dict[str, Any] = {
    "name": "Faces", "description": "Most faces of the mesh", "default": QUALITY_FACES["standard"],
    "min": MIN_FACES, "max": MAX_FACES, "soft_min": 100, "soft_max": 100_000, "step": 500,
}  # fmt: skip


def budget_of(settings: Any) -> str:
    """Return the panel's choice as a request stores it."""
    return str(settings.face_count) if settings.face_budget == CUSTOM else settings.face_budget


def put_budget(settings: Any, budget: str) -> None:
    """Show the budget of a request in the panel.

    Raises:
        ValueError: It is none.
    """
    is_word = budget in (AUTO, FULL)
    if not is_word:
        settings.face_count = int(budget)
    settings.face_budget = budget if is_word else CUSTOM
