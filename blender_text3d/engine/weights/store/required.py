# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be here before a job begins. Needs no torch, so it can be asked before anything is loaded."""

from pathlib import Path

from ....system.user_folders import default_weights_dir
from ..catalogue import NEEDS
from ..errors import MissingWeights
from .local_files import missing


def need_model(model: str, weights_dir: Path | None = None) -> None:
    """See that all of a model's checkpoints are here; a model that the catalogue does not know needs none.

    Raises:
        MissingWeights: Some are not; all of them are named, with their sizes.
    """
    need(NEEDS.get(model, ()), weights_dir)


def need(names: tuple[str, ...], weights_dir: Path | None = None) -> None:
    """See that checkpoints are here.

    Raises:
        MissingWeights: Some are not; all of them are named, with their sizes.
        KeyError: The catalogue has no such checkpoint.
    """
    absent = missing(names, weights_dir or default_weights_dir())
    if absent:
        sizes = ", ".join(f"{entry.name} ({entry.forms[0].about_bytes / 1e9:.2f} GB)" for entry in absent)
        raise MissingWeights(
            tuple(entry.name for entry in absent), f"Weights are missing: {sizes}. Fetch or import them first."
        )
