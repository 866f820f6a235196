# SPDX-License-Identifier: GPL-3.0-or-later
"""A latent on disk, from which the object can be decoded again without sampling."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...geometry.safe_npz import arrays_in
from ...system.whole_file import atomic_write

WHAT_TO_DO = "Choose the latent.npz of a job of this model, or generate the object again."
MAX_BYTES = 256 * 2**20


class WrongLatent(Exception):
    """A file holds no latent, or another model's; the text says which and what to do."""


@dataclass(frozen=True, eq=False)
class SavedLatent:
    """A latent and what made it.

    Attributes:
        name: of its file.
        values: [D] float32.
        weights_sha256: hash of the weights of the model that sampled it; "" where the file does not say.
    """

    name: str
    values: np.ndarray
    weights_sha256: str = ""


def save_latent(path: Path, latent: np.ndarray, weights_sha256: str = "") -> None:
    """Write a latent [D] float32 with the hash of the weights that it belongs to, without pickles.

    Raises:
        OSError: It cannot be written; an older file is untouched.
    """
    with atomic_write(path) as file:
        np.savez(file, latent=latent, weights_sha256=np.array(weights_sha256))


def load_latent(path: Path, numbers: int) -> SavedLatent:
    """Read what save_latent wrote.

    Args:
        path: the file.
        numbers: D, how many numbers the model's latents have.

    Raises:
        WrongLatent: there is no such file, it holds no latent, or one of another size.
    """
    try:
        arrays = arrays_in(path, MAX_BYTES)
        latent, weights = arrays["latent"], str(arrays.get("weights_sha256", ""))
    except OSError as error:
        raise WrongLatent(f"The latent {path} cannot be read ({error.strerror}). {WHAT_TO_DO}") from error
    except (ValueError, KeyError) as error:
        raise WrongLatent(f"{path.name} holds no latent ({error}). {WHAT_TO_DO}") from error
    if latent.shape != (numbers,):
        size = " x ".join(map(str, latent.shape)) or "one"
        raise WrongLatent(
            f"{path.name} holds a latent of {size} numbers, and this model's have {numbers}: another model made it. "
            f"{WHAT_TO_DO}"
        )
    if latent.dtype != np.float32 or not np.isfinite(latent).all():
        raise WrongLatent(f"{path.name} holds a latent that is not of finite float32 numbers. {WHAT_TO_DO}")
    return SavedLatent(path.name, latent, weights)
