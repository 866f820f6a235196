# SPDX-License-Identifier: GPL-3.0-or-later
"""A latent on disk, from which an object can be decoded again without sampling."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ...geometry.safe_npz import arrays_in
from ...system.files import atomic_write

WHAT_TO_DO = "Choose the latent.npz of a job of this model, or generate the object again."
MAX_BYTES = 256 * 2**20
DECODER = "c09a026e50cbae00339755a847b55b2f6135f942c6a049d4fdd3845085072837"
DECODED_BY: Mapping[str, str] = MappingProxyType({
    "b9f3747bc2aeb3f218108f8644971a77045142fcf797b903e25c7cbeea4d9ce7": DECODER,
    "ad33a487880b2621f28ac9a844ed0cc1b071acfc389e84bbfd8bd3d6a6a37473": DECODER,
    "f56805de4352ba7aa81cdd607fb635b886a2faa9f5a5ce1ba9bdf2138b4910d2": DECODER,
    "7dbdc703ce1b10dc0f408fb6fd594444bda21e8297972c8206615803a3e813e2": DECODER,
    "6ba87e4a9e7e45732b6337a832a729b4751c06a9a02148d5be765fd114fbde80": DECODER,
    "7c16479c3951afd296ddd34c98d50d5cafdb8a2d95beff2115dbd6f336de8d8b": DECODER,
})  # fmt: skip
"""Earlier distilled weights -> the file whose decoder makes the same objects of the latents that they sampled."""


class WrongLatent(Exception):
    """A file contains no latent, or that of another model; the message says which, and what to do."""


@dataclass(frozen=True, eq=False)
class SavedLatent:
    """A latent and its provenance.

    Attributes:
        name: name of its file.
        values: (D,) float32.
        weights_sha256: hash of the weights of the model that sampled it; "" if the file does not contain it.
    """

    name: str
    values: np.ndarray
    weights_sha256: str = ""


def save_latent(path: Path, latent: np.ndarray, weights_sha256: str = "") -> None:
    """Write a latent (D,) float32 with the hash of the weights that it belongs to, without pickling.

    Raises:
        OSError: the file cannot be written; an older file is left unchanged.
    """
    with atomic_write(path) as file:
        np.savez(file, latent=latent, weights_sha256=np.array(weights_sha256))


def load_latent(path: Path, size: int) -> SavedLatent:
    """Read a file that `save_latent` wrote.

    Args:
        path: the file.
        size: length D of the model's latents.

    Raises:
        WrongLatent: the file does not exist or contains no latent of this size.
    """
    try:
        arrays = arrays_in(path, MAX_BYTES)
        latent, weights = arrays["latent"], str(arrays.get("weights_sha256", ""))
    except OSError as error:
        raise WrongLatent(f"The latent {path} cannot be read ({error.strerror}). {WHAT_TO_DO}") from error
    except (ValueError, KeyError) as error:
        raise WrongLatent(f"{path.name} contains no latent ({error}). {WHAT_TO_DO}") from error
    if latent.shape != (size,):
        shape = " x ".join(map(str, latent.shape)) or "one"
        raise WrongLatent(
            f"{path.name} contains a latent of {shape} numbers, but this model needs {size}: another model made it. "
            f"{WHAT_TO_DO}"
        )
    if latent.dtype != np.float32 or not np.isfinite(latent).all():
        raise WrongLatent(f"{path.name} contains a latent that is not finite float32. {WHAT_TO_DO}")
    return SavedLatent(path.name, latent, weights)
