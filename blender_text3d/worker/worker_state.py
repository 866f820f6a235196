# SPDX-License-Identifier: GPL-3.0-or-later
"""Workshop: what the worker keeps from job to job."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..protocol.job_folder import JobFolder
from ..protocol.request import Request
from .reporting.eta import EtaEstimator

if TYPE_CHECKING:
    from ..engine.generate import Engine, Recipe
    from .rerun.sink import RerunSink

NO_RERUN = "Rerun is missing from the worker's environment, so this job is not recorded. Repair it in the preferences."


class WorkerState:
    """The engine with its loaded models, the pace of its stages, the view of its recordings.

    torch and rerun take seconds to import; both wait here until a job has told that it is loading.

    Attributes:
        is_spoilt: Whether the next job should rather be done by a fresh process.
    """

    def __init__(self) -> None:
        self.pace = EtaEstimator()
        self.is_spoilt = False
        self._engine = None
        self._live = None
        self._fits: dict[tuple, int] = {}

    def engine(self) -> "Engine":
        """The one engine of this process.

        Raises:
            ImportError: The environment lacks what the engine needs.
        """
        if self._engine is None:
            from ..engine.generate import Engine
            from .reporting import export, image_files

            self._engine = Engine()
        return self._engine

    def sinks(self, job: JobFolder, request: Request, tell: Callable[[str], None]) -> list["RerunSink"]:
        """Who else listens to this job.

        Args:
            tell: Is given a sentence that the user should know.
        """
        try:
            from .rerun.live_view import LiveView
            from .rerun.sink import RerunSink
        except ImportError:
            if request.viewer:
                tell(NO_RERUN)
            return []
        self._live = self._live or LiveView()
        return [RerunSink(job, self._live, tell)]

    def fits(self, recipe: "Recipe") -> int:
        """The most objects like this one that memory may hold at once, as far as is known."""
        return self._fits.get(size_of(recipe), sys.maxsize)

    def remember_fit(self, recipe: "Recipe", count: int) -> None:
        """More than this many objects like this one did not fit."""
        self._fits[size_of(recipe)] = count


def size_of(recipe: "Recipe") -> tuple:
    """What decides how much memory an object takes, and where."""
    return recipe.model, recipe.device, recipe.grid, recipe.views
