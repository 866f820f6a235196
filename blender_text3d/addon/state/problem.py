# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong, in sentences, and which button helps."""

import os
from dataclasses import dataclass
from pathlib import Path

from ...doctor.checks.environment import create_button
from ...environment.check import find_problems
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Failed
from ...protocol.models import OFFICIAL
from ..settings.choices import Choices, choices

SETUP, RENEW, REPAIR, REMOVE, KIT = "setup", "renew", "repair", "remove", "kit"
AUTOMATIC = "automatic"
PREFERENCES, LOG, RETRY = "preferences", "log", "again"
FETCH, IMPORT, NETWORK = "fetch", "import", "network"
JOBS, DOCTOR, FREE_MEMORY = "jobs", "doctor", "free"
DRAFT, USE_CPU, SEED, DEVICE, MINI, SAMPLE = "draft", "processor", "seed", "device", "mini", "sample"
MAKE_AGAIN, SETTLE, PICTURE = "make_again", "settle", "picture"
BUTTONS = {
    "environment": (SETUP, PREFERENCES, DOCTOR, LOG),
    "renewal": (RENEW, PREFERENCES, DOCTOR, LOG),
    "repair": (REPAIR, PREFERENCES, DOCTOR, LOG),
    "removal": (REMOVE, LOG),
    "kit": (KIT, PREFERENCES, DOCTOR, LOG),
    "own_python": (PREFERENCES, DOCTOR, LOG),
    "unfit_build": (AUTOMATIC, PREFERENCES),
    "read_only": (PREFERENCES, RETRY),
    "disk_full": (JOBS, PREFERENCES, RETRY),
    "out_of_memory": (DRAFT, USE_CPU, FREE_MEMORY, RETRY, LOG),
    "worker_died": (RETRY, LOG),
    "broken_job": (RETRY,),
    "interrupted": (RETRY,),
    "internal": (RETRY, DOCTOR, LOG),
    "weights": (FETCH, IMPORT, MINI),
    "broken_weights": (FETCH, IMPORT, MINI),
    "broken_mini": (RETRY, DOCTOR, PREFERENCES),
    "fetch": (FETCH, IMPORT),
    "offline": (NETWORK, IMPORT),
    "offline_set_up": (NETWORK, KIT, PREFERENCES),
    "offline_repair": (NETWORK, KIT, DOCTOR, LOG),
    "no_device": (DEVICE,),
    "nothing_made": (SEED,),
    "bad_image": (PICTURE,),
    "wrong_latent": (SAMPLE,),
    "latent_gone": (MAKE_AGAIN,),
    "reference": (MINI, LOG),
    "conflict": (SETTLE,),
    "own_error": (DOCTOR,),
}
NEED_FILES = {model.name for model in OFFICIAL}
FIXES = {
    "weights": "The Mini models need no download.",
    "broken_weights": "Download it again, or import it from a folder.",
    "broken_mini": "Reinstall the add-on from a complete download.",
    "no_device": "Use a device that this machine has.",
    "repair": "Press Check and Repair.",
    "offline_repair": "To rebuild it, allow online access in Preferences > System > Network and press Check and "
    "Repair, or install an offline kit.",
    "own_python": "Choose another Python Override in the preferences, or clear it.",
}
"""What to do where a button does what the worker's own words leave to a terminal."""


@dataclass(frozen=True)
class Problem:
    """The last error, as the panel shows it.

    Attributes:
        message: What happened, to what.
        fix: What to do next; may be empty where message says it.
        reason: A code as in protocol's Failed, or one of our own: a key of BUTTONS, or "bad_request".
        job_path: The job's folder, where there is one.
        model: Whose files are missing, where that is what is wrong.
        useless: Buttons that would change nothing here.
    """

    message: str
    fix: str = ""
    reason: str = "bad_request"
    job_path: Path | None = None
    model: str = ""
    useless: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()

    @property
    def buttons(self) -> tuple[str, ...]:
        """Which buttons help, the best first."""
        return tuple(name for name in BUTTONS.get(self.reason, ()) if name not in self.useless)


class SubmitError(Exception):
    """Nothing was begun; `trouble` says why."""

    def __init__(self, trouble: Problem) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


def trouble_of_error(error: BadRequest | InvalidJob | ValueError | OSError) -> Problem:
    """An error that one of our own functions raised."""
    reason = "bad_request" if isinstance(error, BadRequest) else "read_only"
    return Problem(str(error), reason=reason)


def trouble_of_failure(event: Failed, job_path: Path, model: str, useless: tuple[str, ...] = ()) -> Problem:
    """The end of a job that failed. A small model's file comes with the add-on, so that no button can fetch it."""
    reason = event.reason
    if reason == "broken_weights" and model not in NEED_FILES:
        reason = "broken_mini"
    elif reason == "environment":
        reason = reason_of_python(choices())
    return Problem(event.message, FIXES.get(reason, event.fix), reason, job_path, model, useless)


def reason_of_python(chosen: Choices) -> str:
    """The reason where a Python that is there cannot run the worker: Set Up would find its environment ready."""
    return "own_python" if chosen.own_python else "repair"


def environment_trouble(chosen: Choices) -> Problem | None:
    """What keeps the worker from starting; looks at files only."""
    if chosen.own_python is None:
        return _trouble_of_environment(chosen.env_dir)
    if os.path.isfile(chosen.own_python):
        return None
    return Problem(
        f"Python Override {chosen.own_python} does not exist.",
        FIXES["own_python"],
        "own_python",
    )


def _trouble_of_environment(env_dir: Path) -> Problem | None:
    try:
        found = next(iter(find_problems(env_dir)), None)
        useless = (SETUP,) if found and create_button(env_dir) != SETUP else ()
    except OSError as error:  # a panel asks, and what raises there leaves it empty
        message = f"{error.filename or env_dir} cannot be read: {error.strerror or error}."
        fix = "Choose another Data Folder in the preferences, or make this one readable."
        return Problem(message, fix, "environment", useless=(SETUP,))
    return Problem(found.message, found.fix, "environment", useless=useless) if found else None
