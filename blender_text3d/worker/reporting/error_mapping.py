# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever went wrong → one sentence for the user, a reason, and what to do next."""

import errno
from pathlib import Path

from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Failed
from ...protocol.failures import REASON_OF_ERRNO, folder_failed
from ...protocol.job_folder import JobFolder
from ...system.console import sanitized

# The engine's own errors, by name, so that telling them needs no torch: their text is a sentence for the user.
ENGINE_ERRORS = {
    "EmptySurface": ("nothing_made", "Choose another seed or other words and generate again."),
    "NoSuchDevice": ("no_device", "Choose another device and generate again."),
    "BrokenWeights": ("broken_weights", "Install the add-on again, or fetch the weights again."),
    "BadImage": ("bad_image", "Choose another picture and generate again."),
    "WrongLatent": ("wrong_latent", "Choose the latent of a job that this model made."),
    "ReferenceMissing": ("reference", "Install them as it says and generate again, or choose another model."),
    "MissingWeights": ("weights", "Run scripts/weights.py fetch in a terminal, or choose a Mini model."),
}
# As torch, oneDNN, the loader of libraries, threads and safetensors (whose tensor finds no room) tell it.
NO_MEMORY = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "could not create a primitive",
    "could not create a memory",
    "failed to map segment",
    "can't start new thread",
    "std::bad_alloc",
    "could not determine the shape of object type 'torch.storage.untypedstorage'",
)
SPEAKING = RuntimeError | ImportError | OSError | ValueError
"""What carries these words."""
REPAIR = "Repair the worker environment in the preferences, or run python -m blender_text3d.environment."


def failed_event(error: Exception, job: JobFolder) -> Failed:
    """The last event of a job that raised."""
    sentence = sanitized(str(error).strip().split("\n")[0])
    reason = folder_reason(error, job)
    if reason:
        return folder_failed(reason, error.filename or job.path)
    if is_out_of_memory(error):
        return Failed(
            message="There is not enough memory for this object.",
            reason="out_of_memory",
            fix="Choose a lower quality or the CPU, or close other programs, and generate again.",
        )
    if isinstance(error, ImportError):
        message = f"The worker's Python lacks a package ({sentence})."
        return Failed(message=message, reason="environment", fix=REPAIR)
    if isinstance(error, BadRequest | InvalidJob):
        return Failed(message=sentence, reason="broken_job", fix="Ask for the object again.")
    if type(error).__name__ in ENGINE_ERRORS:
        reason, fix = ENGINE_ERRORS[type(error).__name__]
        return Failed(message=sentence, reason=reason, fix=fix)
    return Failed(
        message=f"The worker could not make the object ({type(error).__name__}: {sentence}).",
        reason="internal",
        fix=f"Generate again; if it fails again, report it with {job.log.name} from the job folder.",
    )


def lost_end_event(job: JobFolder) -> Failed:
    """The last event of a job that was done, where the real one is missing."""
    return Failed(
        message=f"How the job {job.job_id} ended was not written, or {job.journal.name} was changed since.",
        reason="interrupted",
        fix="Generate again; the same seed gives the same object.",
    )


def folder_reason(error: Exception, job: JobFolder) -> str | None:
    """What is wrong with the job folder or its disk; None where something else is at fault."""
    if not isinstance(error, OSError):
        return None
    reason = REASON_OF_ERRNO.get(error.errno)
    is_ours = error.filename is None or Path(str(error.filename)).is_relative_to(job.path)
    return reason if is_ours or reason == "disk_full" else None


def is_out_of_memory(error: Exception) -> bool:
    """Whether Python, torch or the device ran out of memory; torch tells the CPU's in words alone."""
    words = str(error).lower()
    names = [kind.__name__ for kind in type(error).__mro__]
    return (
        isinstance(error, MemoryError)
        or "OutOfMemoryError" in names
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, SPEAKING) and any(hint in words for hint in NO_MEMORY))
    )
