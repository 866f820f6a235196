# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts to the candidates for their views."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby

import numpy as np

from ..glide.pictures import PictureSteps
from ..recipe import IndexedStep, Recipe, Step
from .image_models import ImageModel, ImageModelEntry
from .view_prompt import view_prompt

MAX_PICTURES = 9
"""Pictures that are made at once."""
SEEDS = 2**31

IndexedRecipe = tuple[int, Recipe]
"""A recipe with its index in the batch."""


def sample_views(
    model: ImageModel, entry: ImageModelEntry, recipes: Sequence[IndexedRecipe]
) -> Generator[IndexedStep, None, dict[int, np.ndarray]]:
    """Make the candidates of some recipes of a batch: yield steps, return (N, H, W, 3) uint8 sRGB by index."""
    views: dict[int, np.ndarray] = {}
    for prompt, group in groupby(recipes, key=lambda indexed: indexed[1].prompt):
        written = view_prompt(prompt) if entry.writes_prompt else prompt
        same_prompt = list(group)
        if written != prompt:
            notice = f'The view is made of: "{written}".'
            yield from ((index, Step("image", 0, 1, notice=notice)) for index, _ in same_prompt)
        at_once = max(1, MAX_PICTURES // same_prompt[0][1].candidates)
        for start in range(0, len(same_prompt), at_once):
            chosen = same_prompt[start : start + at_once]
            steps = pictures_of(model, written, [recipe for _, recipe in chosen])
            made = yield from indexed_steps(steps, [index for index, _ in chosen])
            views |= {index: made[place] for place, (index, _) in enumerate(chosen)}
    return views


def pictures_of(model: ImageModel, prompt: str, recipes: Sequence[Recipe]) -> PictureSteps:
    """Start to make the candidates of recipes that share their prompt."""
    seeds = [(recipe.seed + number) % SEEDS for recipe in recipes for number in range(recipe.candidates)]
    first = recipes[0]
    return model.pictures([prompt] * len(seeds), seeds, first.quality, None, first.negative_prompt, first.image_size)


def indexed_steps(steps: PictureSteps, indices: Sequence[int]) -> Generator[IndexedStep, None, np.ndarray]:
    """Yield each step for each recipe with its own pictures; return the pictures (R, N, H, W, 3) uint8 by recipe."""
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return by_recipe(end.value, len(indices))
            for place, index in enumerate(indices):
                shown = partial(pictures_of_one, step.pictures, len(indices), place) if step.pictures else None
                yield index, Step(step.stage, step.index, step.total, None, step.sigma, step.notice, pictures=shown)


def by_recipe(pictures: np.ndarray, recipes: int) -> np.ndarray:
    """Return the pictures of a run (R N, H, W, 3) uint8 as (R, N, H, W, 3)."""
    return pictures.reshape(recipes, -1, *pictures.shape[1:])


def pictures_of_one(make: Callable[[], np.ndarray], recipes: int, place: int) -> np.ndarray:
    """Return one recipe's pictures (N, H, W, 3) uint8 of those of a step."""
    return by_recipe(make(), recipes)[place]
