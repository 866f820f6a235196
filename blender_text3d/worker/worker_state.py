# SPDX-License-Identifier: GPL-3.0-or-later
"""WorkerState: everything the worker keeps between jobs."""

import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..protocol.job_folder import JobFolder
from ..protocol.request import Request
from .batch.file_writer import FileWriter
from .commands import Preload
from .reporting.eta import EtaEstimator

if TYPE_CHECKING:
    from ..engine.generate import Engine, Recipe
    from .rerun.live_view import LiveView
    from .rerun.sink import RerunSink

NO_RERUN = "This job is not recorded: Rerun is missing from the worker environment. Repair it in the preferences."


class WorkerState:
    """The engine with its loaded models, the durations of its stages, and the Rerun viewer.

    torch and rerun take seconds to import, so both wait until a job has reported that it is loading.

    Attributes:
        eta: The durations of earlier jobs' stages.
        must_restart: True if the next job should run in a new process.
        files: Completes the jobs whose objects are made.
    """

    def __init__(self, files: FileWriter | None = None, engine: "Engine | None" = None) -> None:
        self.files = files or FileWriter()
        self.eta = EtaEstimator()
        self.must_restart = False
        self._engine = engine
        self._live_view: LiveView | None = None
        self._fitting_batches: dict[tuple[object, ...], int] = {}

    def engine(self) -> "Engine":
        """Return the one engine of this process.

        Raises:
            ImportError: The environment lacks a package that the engine needs.
        """
        self._engine = self._engine or new_engine()
        return self._engine

    def preload(self, command: Preload) -> None:
        """Import the packages and load a model, so that the first job finds both; it reports what fails again."""
        try:
            self.engine().load(command.model, command.device)
            from .rerun import live_view, sink  # noqa: F401
        except Exception:
            traceback.print_exc()

    def sinks(self, folder: JobFolder, request: Request, notice: Callable[[str], None]) -> list["RerunSink"]:
        """Return the sinks that receive a job's events besides its journal.

        Args:
            folder: The job folder.
            request: The job's request.
            notice: Called with each sentence for the user.
        """
        try:
            from .rerun.live_view import LiveView
            from .rerun.sink import RerunSink
        except ImportError:
            if request.viewer:
                notice(NO_RERUN)
            return []
        self._live_view = self._live_view or LiveView()
        return [RerunSink(folder, self._live_view, notice)]

    def max_fitting_batch(self, recipe: "Recipe") -> int:
        """Return the largest batch for this recipe that memory may hold, as far as is known."""
        return self._fitting_batches.get(memory_key(recipe), sys.maxsize)

    def remember_fitting_batch(self, recipe: "Recipe", count: int) -> None:
        """Limit later batches of such recipes to a size, because a larger one ran out of memory."""
        self._fitting_batches[memory_key(recipe)] = count


def new_engine() -> "Engine":
    """Import all packages of jobs and return an engine.

    Raises:
        ImportError: The environment lacks a package that the engine needs.
    """
    from ..engine.generate import Engine

    # Imported now and not when files are written: a package may be replaced by an upgrade in the meantime.
    from .reporting import export, image_files  # noqa: F401
    from .thumbnails import write  # noqa: F401

    return Engine()


def memory_key(recipe: "Recipe") -> tuple[object, ...]:
    """Return the values of a recipe that determine how much memory an object takes, and on which device."""
    return recipe.model, recipe.device, recipe.grid, recipe.views, recipe.candidates
