# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of faces to which the worker simplifies a mesh."""

from typing import NamedTuple

from .errors import BadRequest
from .models import MODELS
from .validation import truncated_repr

AUTO, FULL = "auto", "full"
QUALITY_FACES = {"draft": 3_000, "standard": 10_000, "exact": 40_000}
MIN_FACES = 4
"""Fewest faces of a closed mesh."""
MAX_FACES = 10_000_000
MAX_DIGITS = 20
"""More are not read as a number, since that takes long."""


class FaceBudget(NamedTuple):
    """AUTO, FULL, or a number of faces in digits."""

    min: int = MIN_FACES
    max: int = MAX_FACES

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other values."""
        if value in (AUTO, FULL) or (_is_number(value) and self.min <= int(str(value)) <= self.max):
            return
        raise BadRequest(
            f"The {name} is {truncated_repr(value)}. Choose {AUTO}, {FULL}, or a number of faces from {self.min} (a "
            f"closed mesh has no fewer) to {self.max}."
        )


def budget_text(budget: object) -> object:
    """Return a number as the text that a request stores; any other value as it is."""
    return str(budget) if isinstance(budget, int) and not isinstance(budget, bool) else budget


def most_faces(budget: str, model: str, quality: str, grid: int) -> int:
    """Return the most faces of a mesh, or 0 for all.

    A finer grid than the quality's own has proportionally more detail. The official pipelines' meshes are compared
    with others, so all of their faces are kept.

    Args:
        budget: `face_budget` of a request.
        model, quality, grid: Those of the request.
    """
    if budget == FULL:
        return 0
    if budget != AUTO:
        return int(budget)
    own_grid = MODELS[model].qualities[quality].grid
    faces = QUALITY_FACES.get(quality, 0) if not model.startswith("reference/") else 0
    return min(round(faces * max(grid / own_grid, 1.0) ** 2), MAX_FACES)


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
