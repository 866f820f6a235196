# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes to views to objects; the networks of one step are freed before those of the next are read."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import torch

from ..conditioning.official_models import forget_clip
from ..provenance import weights_sha256
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from ..weights.catalogue import REQUIRED_CHECKPOINTS
from ..weights.loading.load_network import checkpoint_sha256
from ..weights.store.required import require_checkpoints
from .choose_view import choose_view
from .image_models import IMAGE_MODELS, ImageModel
from .sample_views import IndexedRecipe, sample_views
from .scores import scorer_of

INCLUDED = "mini/"


class ShapeModel(Protocol):
    """An entry of the registry: how the model of the object is loaded and run."""

    @property
    def load(self) -> Callable[[torch.device], Any]: ...
    @property
    def run(self) -> Callable[[Any, Sequence[Recipe]], StepStream]: ...


class ThreeStep:
    """A model of two models. Neither is in memory before it is needed, and only a small one stays there.

    Attributes:
        device: where both run.
        shape: name of the model that makes the object.
    """

    def __init__(self, shape: str, entry: ShapeModel, device: torch.device) -> None:
        self.device = device
        self.shape = shape
        self._entry = entry
        self._loaded: Any = None
        self._image_models: dict[tuple[str, str], ImageModel] = {}

    @property
    def sha256(self) -> str:
        """Hash of the weights of the object's model.

        Raises:
            MissingWeights, BrokenWeights: they are missing or corrupt.
        """
        return self._load().sha256 if self._is_included else checkpoint_sha256(self.shape)

    @property
    def _is_included(self) -> bool:
        return self.shape.startswith(INCLUDED)

    def sha256_of(self, recipe: Recipe) -> str:
        """Return the hash of the weights that a recipe's object, or without one its view, is made with.

        Raises:
            MissingWeights, BrokenWeights: files of either model are missing (all of them are named) or corrupt.
        """
        require_checkpoints(needed_checkpoints(self.shape, recipe))
        if recipe.outputs == "view":
            return self.image_sha256_of(recipe)
        return weights_sha256(self._load(), recipe) if self._is_included else self.sha256

    def image_sha256_of(self, recipe: Recipe) -> str:
        """Return the hash of the weights that a recipe's view is made with; "" if none is made.

        Raises:
            MissingWeights, BrokenWeights: they are missing or corrupt.
        """
        return self.image_model(recipe).sha256 if makes_view(recipe) else ""

    def image_model(self, recipe: Recipe) -> ImageModel:
        """Return the text-to-image model of a recipe.

        Raises:
            MissingWeights, BrokenWeights: its weights are missing or corrupt.
        """
        key = recipe.image_model, recipe.image_model_source
        if key not in self._image_models:
            self._image_models[key] = IMAGE_MODELS[recipe.image_model].load(self.device, recipe.image_model_source)
        return self._image_models[key]

    def run_shape(self, recipes: Sequence[Recipe]) -> StepStream:
        """Run the model of the object, and free its networks unless they are small."""
        try:
            return (yield from self._entry.run(self._load(), recipes))
        finally:
            if not self._is_included:
                self._loaded = None
                free_cached_memory(self.device)

    def _load(self) -> Any:
        self._loaded = self._loaded or self._entry.load(self.device)
        return self._loaded


def makes_view(recipe: Recipe) -> bool:
    """True if the view is made of the prompt: neither it nor the object is given."""
    return recipe.image is None and recipe.latent is None


def unused_settings(recipe: Recipe) -> str:
    """Return a sentence about settings of the view that a given image leaves without effect, or ""."""
    if recipe.image is None or (recipe.candidates == 1 and not recipe.negative_prompt):
        return ""
    return "The image takes the place of the view, so the settings of the view have no effect."


def needed_checkpoints(shape: str, recipe: Recipe) -> tuple[str, ...]:
    """Return the checkpoints of the catalogue that both models need for a recipe."""
    of_view = IMAGE_MODELS[recipe.image_model].checkpoints(recipe.quality) if makes_view(recipe) else ()
    return (*of_view, *(() if recipe.outputs == "view" else REQUIRED_CHECKPOINTS.get(shape, ())))


def free_cached_memory(device: torch.device) -> None:
    """Return the device's memory that torch keeps of freed tensors."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


def recipes_with_views(
    model: ThreeStep, recipes: Sequence[Recipe], folder: Path
) -> Generator[IndexedStep, None, list[Recipe]]:
    """Make the views of recipes that have neither an image nor a latent; return the recipes with them as images.

    Args:
        model: both models.
        recipes: recipes of one batch.
        folder: an empty folder for the files of the views.
    """
    without = [(index, recipe) for index, recipe in enumerate(recipes) if makes_view(recipe)]
    completed = list(recipes)
    for index, recipe in enumerate(recipes):
        if notice := unused_settings(recipe):
            yield index, Step("choose", 0, 1, notice=notice)
    if not without:
        return completed
    views = yield from views_of(model, without)
    scorer = scorer_of(model.shape, model.device)
    for index, recipe in without:
        count = len(views[index])
        yield index, Step("choose", 0, count, candidates=views[index])
        own_folder = folder / str(index)
        own_folder.mkdir()
        chosen = choose_view(recipe, views[index], scorer, own_folder)
        yield index, Step("choose", count, count, notice=chosen.notice or None, choice=chosen.choice)
        completed[index] = replace(recipe, image=chosen.path)
    return completed


def views_of(model: ThreeStep, recipes: Sequence[IndexedRecipe]) -> Generator[IndexedStep, None, dict[int, np.ndarray]]:
    """Make the candidates of recipes, see `sample_views`, and free the image model."""
    first = recipes[0][1]
    image_model = model.image_model(first)
    try:
        return (yield from sample_views(image_model, IMAGE_MODELS[first.image_model], recipes))
    finally:
        image_model.close()
        free_cached_memory(model.device)


def run(model: ThreeStep, recipes: Sequence[Recipe]) -> StepStream:
    """Run recipes of one batch: yield steps of "image", "enlarge" and "choose", then those of the object's model.

    Raises:
        InvalidPicture: the image model gave numbers that are not finite.
        UnusableView: no view shows an object.
        MissingWeights, BrokenWeights: weights are missing or corrupt.
    """
    try:
        with TemporaryDirectory(prefix="text3d-views-") as folder:
            with_views = yield from recipes_with_views(model, recipes, Path(folder))
            if recipes[0].outputs == "view":
                return [Result(None, None, None) for _ in recipes]
            return (yield from model.run_shape(with_views))
    finally:
        forget_clip()
        free_cached_memory(model.device)
