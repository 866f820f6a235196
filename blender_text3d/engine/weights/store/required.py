# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that a job's weights are on this machine. Needs no torch, so it can run before anything is loaded."""

from pathlib import Path

from ....system.user_folders import default_weights_dir
from ..catalogue import REQUIRED_CHECKPOINTS, encoder_of
from ..errors import MissingWeights
from .local_files import missing


def require_model(model: str, weights_dir: Path | None = None, *, encodes: bool = False) -> None:
    """Check that all of a model's checkpoints are here; a model that is not in the catalogue needs none.

    Args:
        model: Name of the model.
        weights_dir: Folder of the weights; the user's own if None.
        encodes: True if it starts from an object, which takes the encoder, too.

    Raises:
        MissingWeights: Some are missing; the message has their names and sizes.
    """
    require_checkpoints((*REQUIRED_CHECKPOINTS.get(model, ()), *(encoder_of(model) if encodes else ())), weights_dir)


def require_checkpoints(names: tuple[str, ...], weights_dir: Path | None = None) -> None:
    """Check that checkpoints are here.

    Raises:
        MissingWeights: Some are missing; the message has their names and sizes.
        KeyError: The catalogue has no such checkpoint.
    """
    absent = missing(names, weights_dir or default_weights_dir())
    if absent:
        sizes = ", ".join(f"{entry.name} ({entry.variants[0].expected_bytes / 1e9:.2f} GB)" for entry in absent)
        raise MissingWeights(
            tuple(entry.name for entry in absent), f"Weights are missing: {sizes}. Download or import them first."
        )
