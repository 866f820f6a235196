# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems as the panel shows them, and the buttons that fix them."""

import os
from pathlib import Path
from typing import NamedTuple

from ...doctor.checks.environment import create_button
from ...environment.check import find_problems
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Failed
from ...protocol.failures import Reason
from ...protocol.models import NEED_WEIGHTS
from ..settings.choices import Choices, choices

SETUP, RENEW, REPAIR, REMOVE, KIT = "setup", "renew", "repair", "remove", "kit"
AUTOMATIC = "automatic"
PREFERENCES, LOG, RETRY = "preferences", "log", "again"
FETCH, IMPORT, NETWORK = "fetch", "import", "network"
JOBS, DOCTOR, FREE_MEMORY = "jobs", "doctor", "free"
DRAFT, USE_CPU, SEED, DEVICE, MINI, SAMPLE = "draft", "processor", "seed", "device", "mini", "sample"
ADD_PART, ADD_RAY, PIPELINE, HUB = "add_part", "add_ray", "pipeline", "hub"
CLUSTER_LOG = "cluster_log"
MAKE_AGAIN, SETTLE, PICTURE = "make_again", "settle", "picture"
BUTTONS: dict[str, tuple[str, ...]] = {
    Reason.ENVIRONMENT: (SETUP, PREFERENCES, DOCTOR, LOG),
    Reason.RENEWAL: (RENEW, PREFERENCES, DOCTOR, LOG),
    Reason.REPAIR: (REPAIR, PREFERENCES, DOCTOR, LOG),
    Reason.REMOVAL: (REMOVE, LOG),
    Reason.KIT: (KIT, PREFERENCES, DOCTOR, LOG),
    Reason.OWN_PYTHON: (PREFERENCES, DOCTOR, LOG),
    Reason.UNFIT_BUILD: (AUTOMATIC, PREFERENCES),
    Reason.READ_ONLY: (PREFERENCES, RETRY),
    Reason.DISK_FULL: (JOBS, PREFERENCES, RETRY),
    Reason.OUT_OF_MEMORY: (DRAFT, USE_CPU, FREE_MEMORY, RETRY, LOG),
    Reason.WORKER_DIED: (RETRY, LOG),
    Reason.BROKEN_JOB: (RETRY,),
    Reason.INTERRUPTED: (RETRY,),
    Reason.INTERNAL: (RETRY, DOCTOR, LOG),
    Reason.WEIGHTS: (FETCH, IMPORT, MINI),
    Reason.BROKEN_WEIGHTS: (FETCH, IMPORT, MINI),
    Reason.BROKEN_MINI: (RETRY, DOCTOR, PREFERENCES),
    Reason.FETCH: (FETCH, IMPORT),
    Reason.OFFLINE: (NETWORK, IMPORT),
    Reason.OFFLINE_SETUP: (NETWORK, KIT, PREFERENCES),
    Reason.OFFLINE_REPAIR: (NETWORK, KIT, DOCTOR, LOG),
    Reason.NO_DEVICE: (DEVICE,),
    Reason.NOTHING_MADE: (SEED,),
    Reason.BAD_IMAGE: (PICTURE,),
    Reason.BAD_OBJECT: (LOG,),
    Reason.BAD_PIPELINE: (PIPELINE, LOG),
    Reason.MISSING_PART: (ADD_PART, LOG),
    Reason.MISSING_RAY: (ADD_RAY,),
    Reason.CLUSTER: (CLUSTER_LOG,),
    Reason.NOT_DOWNLOADED: (HUB, PIPELINE),
    Reason.WRONG_LATENT: (SAMPLE,),
    Reason.LATENT_GONE: (MAKE_AGAIN,),
    Reason.REFERENCE: (MINI, LOG),
    Reason.REMOTE: (RETRY, PREFERENCES),
    Reason.CONFLICT: (SETTLE,),
    Reason.OWN_ERROR: (DOCTOR,),
}
FIXES: dict[str, str] = {
    Reason.WEIGHTS: "The Mini models need no download.",
    Reason.BROKEN_WEIGHTS: "Download it again, or import it from a folder.",
    Reason.BROKEN_MINI: "Reinstall the add-on from a complete download.",
    Reason.MISSING_PART: "Install it here: the environment stays as it is, and gets more packages.",
    Reason.NO_DEVICE: "Use a device that this machine has.",
    Reason.REPAIR: "Press Check and Repair.",
    Reason.OFFLINE_REPAIR: "To rebuild it, allow online access in Preferences > System > Network and press Check and "
    "Repair, or install an offline kit.",
    Reason.OWN_PYTHON: "Choose another Python Override in the preferences, or clear it.",
}
"""Fixes by reason, in place of the worker's, if a button does what the worker's text leaves to a terminal."""


class Problem(NamedTuple):
    """The last error, as the panel shows it.

    Attributes:
        message: What happened, to what.
        fix: What to do next; may be empty if the message includes it.
        reason: A Reason, or the unknown reason of a newer version.
        job_path: The job folder, if any.
        model: The model whose files are missing, if any.
        hidden_fixes: Buttons that would not help here.
    """

    message: str
    fix: str = ""
    reason: str = Reason.BAD_REQUEST
    job_path: Path | None = None
    model: str = ""
    hidden_fixes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()

    @property
    def buttons(self) -> tuple[str, ...]:
        """Buttons that help, the best first."""
        return tuple(name for name in BUTTONS.get(self.reason, ()) if name not in self.hidden_fixes)


class SubmitError(Exception):
    """No job was queued, because of `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def problem_of_error(error: BadRequest | InvalidJob | ValueError | OSError) -> Problem:
    """Return the problem of an error that a function of the package raised."""
    reason = Reason.BAD_REQUEST if isinstance(error, BadRequest) else Reason.READ_ONLY
    return Problem(str(error), reason=reason)


def problem_of_failure(event: Failed, job_path: Path, model: str, hidden_fixes: tuple[str, ...] = ()) -> Problem:
    """Return the problem of a failed job. Files of small models are part of the add-on, so no button downloads them."""
    reason = event.reason
    if reason == Reason.BROKEN_WEIGHTS and model not in NEED_WEIGHTS:
        reason = Reason.BROKEN_MINI
    elif reason == Reason.ENVIRONMENT:
        reason = reason_of_python(choices())
    return Problem(event.message, FIXES.get(reason, event.fix), reason, job_path, model, hidden_fixes)


def reason_of_python(chosen: Choices) -> str:
    """Return the reason if an existing Python cannot run the worker, for which Set Up would do nothing."""
    return Reason.OWN_PYTHON if chosen.own_python else Reason.REPAIR


def environment_problem(chosen: Choices) -> Problem | None:
    """Return why the worker cannot start, or None. Reads files only."""
    if chosen.own_python is None:
        return _problem_of_environment(chosen.env_dir)
    if os.path.isfile(chosen.own_python):
        return None
    return Problem(
        f"Python Override {chosen.own_python} does not exist.",
        FIXES[Reason.OWN_PYTHON],
        Reason.OWN_PYTHON,
    )


def worker_problem(chosen: Choices) -> Problem | None:
    """Return why no worker can start, here or on another machine, or None. Reads files only."""
    return remote_problem(chosen) if chosen.remote_host else environment_problem(chosen)


def remote_problem(chosen: Choices) -> Problem | None:
    """Return why the remote machine cannot be reached, as far as the preferences tell, or None."""
    from ...remote.host import InvalidHost, RemoteHost

    try:
        RemoteHost(chosen.remote_host, chosen.remote_port, chosen.remote_python).check()
    except InvalidHost as error:
        return Problem(str(error), reason=Reason.REMOTE, hidden_fixes=(RETRY,))
    if chosen.is_online:
        return None
    message = f"Online access is off, so {chosen.remote_host} cannot be reached."
    return Problem(message, "Allow it in Preferences > System > Network.", Reason.OFFLINE, hidden_fixes=(IMPORT,))


def is_set_up() -> bool:
    """True if a worker can start, or a remote one is chosen. Reads files only."""
    return bool(choices().remote_host) or environment_problem(choices()) is None


def _problem_of_environment(env_dir: Path) -> Problem | None:
    try:
        found = next(iter(find_problems(env_dir)), None)
        hidden = (SETUP,) if found and create_button(env_dir) != SETUP else ()
    except OSError as error:  # called while a panel draws, which an exception would leave empty
        message = f"{error.filename or env_dir} cannot be read: {error.strerror or error}."
        fix = "Choose another Data Folder in the preferences, or make this one readable."
        return Problem(message, fix, Reason.ENVIRONMENT, hidden_fixes=(SETUP,))
    return Problem(found.message, found.fix, Reason.ENVIRONMENT, hidden_fixes=hidden) if found else None
