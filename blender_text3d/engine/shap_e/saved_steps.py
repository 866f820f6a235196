# SPDX-License-Identifier: GPL-3.0-or-later
"""The latents of all steps of a run on disk, from which the object of each can be decoded.

A latent of a step is the network's estimate of the clean latent. It is kept in 16 bits: the field hardly changes, and
the official latents have a million numbers.
"""

from pathlib import Path

import numpy as np

from ...geometry.safe_npz import arrays_in
from ...geometry.step_geometry import MAX_STEPS, NEWER, VERSION
from ...system.files import atomic_write
from ..recipe import NoSuchStep, require_step
from .saved_latent import SavedLatent, WrongLatent

WHAT_TO_DO = "Choose the steps.npz of a job of this model, or generate the object again."
MAX_BYTES = 2**30
STEP_RANGE = range(1, MAX_STEPS + 1)


def save_steps(path: Path, latents: np.ndarray, weights_sha256: str = "") -> None:
    """Write latents (S, D) float16 of all steps with the hash of the weights that they belong to.

    Raises:
        OSError: the file cannot be written; an older file is left unchanged.
    """
    with atomic_write(path) as file:
        np.savez(file, version=np.int32(VERSION), latents=latents, weights_sha256=np.array(weights_sha256))


def load_steps(path: Path, size: int) -> tuple[np.ndarray, str]:
    """Read a file that `save_steps` wrote; returns latents (S, D) float16 and the hash of their weights.

    Args:
        path: the file.
        size: length D of the model's latents.

    Raises:
        WrongLatent: the file does not exist, contains no steps of this model, or is of another version.
    """
    try:
        arrays = arrays_in(path, MAX_BYTES)
    except OSError as error:
        raise WrongLatent(f"The steps {path} cannot be read ({error.strerror}). {WHAT_TO_DO}") from error
    except ValueError as error:
        raise WrongLatent(f"{path.name} contains no steps ({error}). {WHAT_TO_DO}") from error
    latents = arrays.get("latents")
    if latents is None:
        raise WrongLatent(f"{path.name} contains no steps. {WHAT_TO_DO}")
    if arrays.get("version", np.zeros(())).tolist() != VERSION:
        raise WrongLatent(f"{path.name} {NEWER}.")
    if latents.dtype != np.float16 or latents.ndim != 2 or latents.shape[1] != size or len(latents) not in STEP_RANGE:
        shape = " x ".join(map(str, latents.shape))
        raise WrongLatent(f"{path.name} contains {shape} numbers, not steps of {size}. {WHAT_TO_DO}")
    return latents, str(arrays.get("weights_sha256", ""))


def load_step(path: Path, size: int, step: int) -> SavedLatent:
    """Return the latent of one step, from 1, in a file that `save_steps` wrote; 0 is the last step.

    Raises:
        WrongLatent: as `load_steps`. NoSuchStep: the file has fewer steps.
    """
    latents, weights = load_steps(path, size)
    require_step(step, len(latents))
    latent = latents[step - 1].astype(np.float32)
    if not np.isfinite(latent).all():
        raise NoSuchStep(f"Step {step or len(latents)} of {path.name} is not finite. Choose another step.")
    return SavedLatent(path.name, latent, weights)
