# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the recording of three steps that others lack: views, points and distances, on the same timeline."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ...geometry import Mesh, PointCloud
from .archetypes import archetype
from .pictures import picture, section, tiled

if TYPE_CHECKING:
    from ...engine.generate import Step

MIN_INTERVAL_S = 0.1
"""Shortest time between two pictures of the forming view, so that making them takes little of the run's time."""
POINTS = {"points": "points/coarse", "upsample": "points/fine"}
"""Entity by stage of the points."""


class ChainLog:
    """Logs the steps of one job.

    Args:
        log: Logs an archetype under the name of an entity, at the stream's current time.
    """

    def __init__(self, log: Callable[..., None]) -> None:
        self._log = log
        self._logged_at = -float("inf")
        self._candidates: np.ndarray | None = None

    def log_step(self, step: "Step", preview: "PointCloud | Mesh | None" = None) -> None:
        """Log what a step shows of view, points or distances; the last preview stays when the object is finished."""
        if preview is None and step.stage == "sample" and step.index == step.total // 2 and step.preview:
            preview = step.preview()  # one half-formed object, even if nobody watches
        if preview is not None:
            self._log("formed", archetype(preview))
        is_last = step.index == step.total
        if step.pictures and (is_last or time.monotonic() - self._logged_at >= MIN_INTERVAL_S):
            self._logged_at = time.monotonic()
            self._log("view/forming", picture(tiled(step.pictures())))
        if step.candidates is not None:
            self._candidates = step.candidates
            self._log("view/candidates", picture(tiled(step.candidates)))
        if step.choice and self._candidates is not None:
            self._log("view/candidates", picture(tiled(self._candidates, step.choice.index)))
        if is_last and step.preview and step.stage in POINTS:
            cloud = step.preview()
            if isinstance(cloud, PointCloud):
                self._log(POINTS[step.stage], archetype(cloud))
        if step.distances:
            self._log("distances", picture(section(step.distances())))
