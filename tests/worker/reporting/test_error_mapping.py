# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as last events of jobs; the job folder is blamed only if it is the cause."""

import errno
from pathlib import Path

import pytest

from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.failures import Reason
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.reporting.error_mapping import (
    failed_event,
    folder_reason,
    is_out_of_memory,
    lost_end_event,
)

FOLDER = JobFolder(Path("/jobs/one"))


@pytest.mark.parametrize(
    ("number", "path", "reason"),
    [
        (errno.EACCES, "/jobs/one/mesh.npz", Reason.READ_ONLY),
        (errno.ENOENT, "/jobs/one/request.json", Reason.BROKEN_JOB),
        (errno.EACCES, "/weights/prior.pt", Reason.INTERNAL),
        (errno.ENOENT, "/weights/prior.pt", Reason.INTERNAL),
        (errno.ENOSPC, "/temporary/kernel.so", Reason.DISK_FULL),
    ],
)
def test_a_file_elsewhere_is_no_fault_of_the_job_folder_unless_the_disk_is_full(number, path, reason):
    assert failed_event(OSError(number, "refused", path), FOLDER).reason == reason


def named(name, *arguments, base=Exception, **attributes):
    """Return an error of the engine, which is known by the name of its type."""
    error = type(name, (base,), {})(*arguments)
    vars(error).update(attributes)
    return error


@pytest.mark.parametrize(
    ("error", "reason", "message", "fix"),
    [
        (MemoryError(), Reason.OUT_OF_MEMORY, "There is not enough memory for this object.",
         "Choose a lower quality or the CPU, or close other programs, then generate again."),
        (ModuleNotFoundError("No module named 'scipy'"), Reason.ENVIRONMENT,
         "The worker's Python lacks a package (No module named 'scipy').",
         "Repair the worker environment in the preferences, or run python -m blender_text3d.environment."),
        (InvalidJob("Job one cannot be read."), Reason.BROKEN_JOB, "Job one cannot be read.",
         "Generate the object again."),
        (BadRequest("Steps must be positive."), Reason.BROKEN_JOB, "Steps must be positive.",
         "Generate the object again."),
        (named("EmptySurface", "none", prompt="a \x1b cup", seed=7), Reason.NOTHING_MADE,
         "No surface was found for 'a \ufffd cup' with seed 7.", "Try another seed or another prompt."),
        (named("NoSuchDevice", "No GPU."), Reason.NO_DEVICE, "No GPU.", "Choose another device and generate again."),
        (named("AcceleratorError", "CUDA error: unspecified launch failure\nand a stack", base=RuntimeError),
         Reason.INTERNAL, "The GPU failed (CUDA error: unspecified launch failure).",
         "Generate again. If it fails again, choose the CPU, or set BLENDER_TEXT3D_CUDA_GRAPHS=0 in the environment."),
        (named("BrokenWeights", "net.pt is corrupt."), Reason.BROKEN_WEIGHTS, "net.pt is corrupt.",
         "Install the add-on again, or download the weights again."),
        (named("BadImage", "It is empty."), Reason.BAD_IMAGE, "It is empty.",
         "Then generate again."),
        (named("WrongLatent", "It is of Point-E."), Reason.WRONG_LATENT, "It is of Point-E.",
         "Choose the latent of a job made with this model."),
        (named("ReferenceMissing", "Install shap-e."), Reason.REFERENCE, "Install shap-e.",
         "Install them as described and generate again, or choose another model."),
        (named("MissingWeights", "Weights are missing.", names=("glide/base", "clip/ViT-L-14")), Reason.WEIGHTS,
         "Weights are missing.",
         "Run python3 scripts/weights.py fetch glide/base clip/ViT-L-14 in a terminal, or choose Mini models."),
        (named("BadPipeline", "It has no scheduler."), Reason.BAD_PIPELINE, "It has no scheduler.",
         "Then generate again, or choose another image model."),
        (named("MissingPart", "It needs diffusers."), Reason.MISSING_PART, "It needs diffusers.",
         "Install the optional part Diffusers in Setup, or run python -m blender_text3d.environment add-part."),
        (named("NotDownloaded", "It is not here."), Reason.NOT_DOWNLOADED, "It is not here.",
         "Read its license, download it and generate again."),
        (named("UnusablePicture", "It is black."), Reason.NOTHING_MADE, "It is black.",
         "Try another seed or another image model."),
        (ValueError("first \x1bline\nsecond"), Reason.INTERNAL,
         "The worker could not make the object (ValueError: first \ufffdline).",
         "Generate again. If the problem persists, report it with worker.log from the job folder."),
    ],
    ids=lambda value: value if isinstance(value, Reason) else "",
)  # fmt: skip
def test_an_error_has_a_sentence_a_reason_and_what_to_do(error, reason, message, fix):
    failed = failed_event(error, FOLDER)
    assert (failed.reason, failed.message, failed.fix) == (reason, message, fix)


@pytest.mark.parametrize(
    ("error", "path"),
    [
        (OSError(errno.ENOSPC, "full", "/jobs/one/mesh.npz"), "/jobs/one/mesh.npz"),
        (OSError(errno.ENOSPC, "full"), "/jobs/one"),
        (OSError(errno.EDQUOT, "full"), "/jobs/one"),
    ],
)
def test_a_full_disk_names_the_file_or_else_the_folder(error, path):
    failed = failed_event(error, FOLDER)
    assert failed.message == f"The disk is full: {path} could not be written."
    assert failed.reason == Reason.DISK_FULL


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.EROFS, "x", "/jobs/one"), Reason.READ_ONLY),
        (OSError(errno.EACCES, "x"), Reason.READ_ONLY),
        (OSError(errno.EACCES, "x", "/jobs/one two/mesh.npz"), None),
        (OSError(errno.EFBIG, "x", "/tmp/a"), Reason.DISK_FULL),
        (OSError(errno.EIO, "x", "/jobs/one/a"), None),
        (OSError("x"), None),
        (OSError(errno.ENOENT, "x", b"/jobs/one/a"), None),
        (ValueError("x"), None),
    ],
)
def test_the_folder_is_the_cause_if_the_error_names_nothing_else(error, expected):
    assert folder_reason(error, FOLDER) == expected


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        named("OutOfMemoryError", "CUDA", base=RuntimeError),
        named("Derived", base=type(named("OutOfMemoryError"))),
        OSError(errno.ENOMEM, "x"),
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
        OSError("Cannot allocate memory"),
        RuntimeError("could not create a primitive"),
        RuntimeError("could not create a memory object"),
        ImportError("libtorch.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        RuntimeError("std::bad_alloc"),
        ValueError("could not determine the shape of object type 'torch.storage.UntypedStorage'"),
    ],
)
def test_a_lack_of_memory_is_known_by_type_number_or_message(error):
    assert is_out_of_memory(error)
    assert failed_event(error, FOLDER).reason == Reason.OUT_OF_MEMORY


@pytest.mark.parametrize(
    "error",
    [RuntimeError("x"), OSError(errno.EIO, "x"), KeyError("out of memory"), ImportError("no module"), ValueError()],
)
def test_other_errors_are_no_lack_of_memory(error):
    assert not is_out_of_memory(error)


def test_a_lost_last_event_names_the_job_and_its_journal():
    lost = lost_end_event(FOLDER)
    assert (lost.reason, lost.fix) == (
        Reason.INTERRUPTED,
        "Generate again; the same seed gives the same object.",
    )
    assert lost.message == "The end of job one was not written, or events.jsonl was changed afterwards."
