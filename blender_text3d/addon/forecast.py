# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it will take: measured on this machine where it was done before, else the model's typical time."""

from ..protocol.models import MODELS
from .live import desk
from .properties import TEXT3D_Settings

SLOW_S = 60.0


def expected_s(settings: TEXT3D_Settings) -> float:
    """Seconds for all results together."""
    model = MODELS.get(settings.model)
    if model is None or settings.quality not in model.qualities:
        return 0.0
    usual = model.qualities[settings.quality]
    steps, grid = (settings.steps, settings.grid) if settings.has_own_sampling else (usual.steps, usual.grid)
    measured = desk.measured_s.get((model.name, steps, grid))
    return settings.count * (measured if measured is not None else typical_s(model, steps))


def typical_s(model, steps: int) -> float:
    """The model's typical time, stretched by the number of steps."""
    return model.typical_s * max(1.0, steps / model.qualities["standard"].steps)


def in_words(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
