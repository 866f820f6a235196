# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong, in sentences, and which button helps."""

from dataclasses import dataclass
from pathlib import Path

from ..protocol.errors import BadRequest, BrokenJob
from ..protocol.events import Failed
from ..setup.check import problems
from .preferences import Choices

SETUP, PREFERENCES, LOG, AGAIN = "setup", "preferences", "log", "again"
FETCH, IMPORT, NETWORK = "fetch", "import", "network"
BUTTONS = {
    "environment": (SETUP, PREFERENCES, LOG),
    "read_only": (PREFERENCES, AGAIN),
    "disk_full": (PREFERENCES, AGAIN),
    "out_of_memory": (AGAIN, LOG),
    "worker_died": (AGAIN, LOG),
    "broken_job": (AGAIN,),
    "interrupted": (AGAIN,),
    "internal": (AGAIN, LOG),
    "weights": (FETCH, IMPORT),
    "fetch": (FETCH, IMPORT),
    "offline": (NETWORK, IMPORT),
}


@dataclass(frozen=True)
class Trouble:
    """The last error, as the panel shows it.

    Attributes:
        message: What happened, to what.
        fix: What to do next; may be empty where message says it.
        reason: A code as in protocol's Failed.
        job_path: The job's folder, where there is one.
        model: Whose files are missing, where that is what is wrong.
    """

    message: str
    fix: str = ""
    reason: str = "bad_request"
    job_path: Path | None = None
    model: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()

    @property
    def buttons(self) -> tuple[str, ...]:
        """Which buttons help, the best first."""
        return BUTTONS.get(self.reason, ())


class Refused(Exception):
    """Nothing was begun; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


def trouble_of_error(error: BadRequest | BrokenJob | ValueError | OSError) -> Trouble:
    """An error that one of our own functions raised."""
    reason = "bad_request" if isinstance(error, BadRequest) else "read_only"
    return Trouble(str(error), reason=reason)


def trouble_of_failure(event: Failed, job_path: Path, model: str) -> Trouble:
    """The end of a job that failed. For missing files a button stands where the worker names a command."""
    fix = "A Mini model needs none." if event.reason == "weights" else event.fix
    return Trouble(event.message, fix, event.reason, job_path, model)


def environment_trouble(chosen: Choices) -> Trouble | None:
    """What keeps the worker from starting; looks at files only."""
    if chosen.own_python is None:
        found = next(iter(problems(chosen.env_dir)), None)
        return Trouble(found.message, found.fix, "environment") if found else None
    if chosen.own_python.is_file():
        return None
    return Trouble(
        f"The worker's Python {chosen.own_python} does not exist.",
        "Choose another one in the preferences, or none.",
        "environment",
    )
