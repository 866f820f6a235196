# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions → the last event of a job: a sentence for the user, a reason, and what to do next."""

import errno
from pathlib import Path

from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Failed
from ...protocol.failures import REASON_OF_ERRNO, Reason, folder_failed, no_surface
from ...protocol.job_folder import JobFolder
from ...system.console import sanitized

# The engine's own errors by name, so that mapping them needs no torch; their text is a sentence for the user.
# A pair of braces stands for the error's names.
ENGINE_ERRORS = {
    "NoSuchDevice": (Reason.NO_DEVICE, "Choose another device and generate again."),
    "BrokenBlend": (Reason.BROKEN_BLEND, "Take another share, nearer to one of the two."),
    "BrokenWeights": (Reason.BROKEN_WEIGHTS, "Install the add-on again, or download the weights again."),
    "BadImage": (Reason.BAD_IMAGE, "Then generate again."),
    "InvalidPicture": (Reason.BROKEN_WEIGHTS, "Then generate again, or choose another image model."),
    "UnusableView": (Reason.NOTHING_MADE, "Try another seed, another prompt or another image model."),
    "BadObject": (Reason.BAD_OBJECT, "Then encode it again."),
    "BadPipeline": (Reason.BAD_PIPELINE, "Then generate again, or choose another image model."),
    "MissingPart": (
        Reason.MISSING_PART,
        "Install the optional part Diffusers in Setup, or run python -m blender_text3d.environment add-part.",
    ),
    "NotDownloaded": (Reason.NOT_DOWNLOADED, "Read its license, download it and generate again."),
    "UnusablePicture": (Reason.NOTHING_MADE, "Try another seed or another image model."),
    "NoSuchStep": (Reason.WRONG_LATENT, "Then try again."),
    "WrongSteps": (Reason.WRONG_LATENT, "Choose the steps of a job made with this model."),
    "WrongLatent": (Reason.WRONG_LATENT, "Choose the latent of a job made with this model."),
    "ReferenceMissing": (Reason.REFERENCE, "Install them as described and generate again, or choose another model."),
    "MissingWeights": (Reason.WEIGHTS, "Run python3 scripts/weights.py fetch {} in a terminal, or choose Mini models."),
}
# The messages of torch, oneDNN, the dynamic linker, threading and safetensors (which fails to allocate a tensor).
OUT_OF_MEMORY_MESSAGES = (
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
OUT_OF_MEMORY_TYPES = RuntimeError | ImportError | OSError | ValueError
"""The exceptions that carry these messages."""
GPU_FIX = "Generate again. If it fails again, choose the CPU, or set BLENDER_TEXT3D_CUDA_GRAPHS=0 in the environment."
REPAIR = "Repair the worker environment in the preferences, or run python -m blender_text3d.environment."


def failed_event(error: Exception, folder: JobFolder) -> Failed:
    """Return the last event of a job that raised an exception."""
    sentence = sanitized(str(error).strip().split("\n")[0])
    reason = folder_reason(error, folder)
    if reason:
        return folder_failed(reason, getattr(error, "filename", None) or folder.path)
    if is_out_of_memory(error):
        return out_of_memory(folder)
    if isinstance(error, ImportError):
        message = f"The worker's Python lacks a package ({sentence})."
        return Failed(message=message, reason=Reason.ENVIRONMENT, fix=REPAIR)
    if isinstance(error, BadRequest | InvalidJob):
        return Failed(message=sentence, reason=Reason.BROKEN_JOB, fix="Generate the object again.")
    if type(error).__name__ == "AcceleratorError":  # torch's name for an error of the GPU
        return Failed(message=f"The GPU failed ({sentence}).", reason=Reason.INTERNAL, fix=GPU_FIX)
    if type(error).__name__ == "EmptySurface":
        return no_surface(sanitized(getattr(error, "prompt", "")), getattr(error, "seed", 0))
    if type(error).__name__ in ENGINE_ERRORS:
        reason, fix = ENGINE_ERRORS[type(error).__name__]
        return Failed(message=sentence, reason=reason, fix=fix.format(" ".join(getattr(error, "names", ()))))
    return Failed(
        message=f"The worker could not make the object ({type(error).__name__}: {sentence}).",
        reason=Reason.INTERNAL,
        fix=f"Generate again. If the problem persists, report it with {folder.log.name} from the job folder.",
    )


def out_of_memory(folder: JobFolder) -> Failed:
    """Return the last event of a job without enough memory; views that were made before are kept, and named."""
    view = f" Its view is kept: {folder.view.name} in the job folder can be the image." if folder.view.exists() else ""
    return Failed(
        message=f"There is not enough memory for this object.{view}",
        reason=Reason.OUT_OF_MEMORY,
        fix="Choose a lower quality or the CPU, or close other programs, then generate again.",
    )


def lost_end_event(folder: JobFolder) -> Failed:
    """Return the last event of a job that has ended, but whose real last event is missing."""
    return Failed(
        message=f"The end of job {folder.job_id} was not written, or {folder.journal.name} was changed afterwards.",
        reason=Reason.INTERRUPTED,
        fix="Generate again; the same seed gives the same object.",
    )


def folder_reason(error: Exception, folder: JobFolder) -> Reason | None:
    """Return the failure reason if the job folder or its disk is the cause, else None."""
    if not isinstance(error, OSError):
        return None
    reason = REASON_OF_ERRNO.get(error.errno or 0)
    is_in_folder = error.filename is None or Path(str(error.filename)).is_relative_to(folder.path)
    return reason if is_in_folder or reason == Reason.DISK_FULL else None


def is_out_of_memory(error: Exception) -> bool:
    """True if Python, torch or the device ran out of memory; for the CPU, torch gives no more than a message."""
    message = str(error).lower()
    names = [kind.__name__ for kind in type(error).__mro__]
    return (
        isinstance(error, MemoryError)
        or "OutOfMemoryError" in names
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, OUT_OF_MEMORY_TYPES) and any(known in message for known in OUT_OF_MEMORY_MESSAGES))
    )
