# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes to objects: a latent sampled or kept, then decoded and rendered."""

from collections.abc import Iterator, Sequence

from ..recipe import IndexedStep, Recipe, Step, StepStream
from .decode import KnownShapE, decode_again, decoded
from .pipeline import sample_latents
from .rendering.stf import Surface
from .rendering.turntable import Turntable
from .rendering.volume import Volume


def make(model: KnownShapE, recipes: Sequence[Recipe]) -> StepStream:
    """The whole way of some recipes: yields steps of "sample", "mesh", "views" and "made".

    Raises:
        WrongLatent: a recipe's file holds no latent of this model.
    """
    kept = recipes[0].latent is not None
    latents = [recipe.latent for recipe in recipes] if kept else (yield from sample_latents(model, recipes))
    results = []
    for which, (latent, recipe) in enumerate(zip(latents, recipes, strict=True)):
        decode = decode_again if kept else decoded
        steps = decode(model, recipe, latent, turntable_of(recipe), drawing_of(recipe))
        results.append((yield from marked(which, steps)))
        yield which, Step("made", 1, 1, result=results[-1])
    return results


def turntable_of(recipe: Recipe) -> Turntable | None:
    """Where a recipe wants cameras, if it does."""
    return Turntable(views=recipe.views, size_px=recipe.view_size) if recipe.views else None


def drawing_of(recipe: Recipe) -> Surface | Volume:
    """How a recipe wants its views: noise by its seed, and with the official solver every sample of every ray."""
    if recipe.view_mode == "stf":
        return Surface()
    return Volume(seed=recipe.seed, skip_grid=None if recipe.solver == "heun" else Volume.skip_grid)


def marked(which: int, steps: Iterator[Step]) -> Iterator[IndexedStep]:
    """Steps of one recipe, as news; returns what the steps return."""
    while True:
        try:
            yield which, next(steps)
        except StopIteration as end:
            return end.value
