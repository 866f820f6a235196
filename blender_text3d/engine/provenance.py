# SPDX-License-Identifier: GPL-3.0-or-later
"""The hash of the weights behind an object."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model_registry import LoadedModel
    from .recipe import Recipe


def weights_sha256(model: "LoadedModel", recipe: "Recipe") -> str:
    """Return the hash of the weights file that a recipe is sampled with, or its latent or object read."""
    distilled = getattr(model, "distilled", None)
    is_distilled = recipe.solver == "distilled" and recipe.latent is None and recipe.object is None
    return distilled.sha256 if distilled and is_distilled else model.sha256
