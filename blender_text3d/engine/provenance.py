# SPDX-License-Identifier: GPL-3.0-or-later
"""The hash of the weights behind an object."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import torch

    from .recipe import Recipe


class LoadedModel(Protocol):
    """The attributes that every loaded model has."""

    @property
    def device(self) -> "torch.device": ...
    @property
    def sha256(self) -> str: ...


@runtime_checkable
class HasStages(Protocol):
    """A model of several models, whose weights depend on the recipe."""

    def sha256_of(self, recipe: "Recipe") -> str:
        """Return the hash of the weights of the object's model."""
        ...

    def image_sha256_of(self, recipe: "Recipe") -> str:
        """Return the hash of the weights of the view's model; "" if no view is made."""
        ...


def weights_sha256(model: "LoadedModel", recipe: "Recipe") -> str:
    """Return the hash of the weights file that a recipe is sampled with, or its latent or object read."""
    if isinstance(model, HasStages):
        return model.sha256_of(recipe)
    is_distilled = recipe.solver == "distilled" and recipe.latent is None and recipe.object is None
    distilled = getattr(model, "distilled", {}).get(recipe.steps) if is_distilled else None
    return distilled.sha256 if distilled else model.sha256


def image_weights_sha256(model: "LoadedModel", recipe: "Recipe") -> str:
    """Return the hash of the weights that the view is made with; "" if none is made."""
    return model.image_sha256_of(recipe) if isinstance(model, HasStages) else ""
