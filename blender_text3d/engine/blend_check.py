# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of a small model's blend: a mesh as whole as those of the two objects, and of the kind of one of them.

Between two kinds of object lie things of neither kind, which the image tower tells from both. It knows the kinds of
the small models only, so the blends of official models are not checked; nor are clouds, which it often misreads.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from PIL import Image

from ..geometry import Mesh
from ..geometry.thumbnail import thumbnail
from ..prompts.compared_kinds import with_article
from .image.caption_from_image import load_image_tower, read_by_tower
from .mini.files import IMAGE_TOWER_WEIGHTS
from .recipe import Recipe, Result
from .surface.clean import SurfaceReport, main_parts
from .three_step.scores import kind_and_color

CPU = torch.device("cpu")
CHECKED = "mini/"
MIN_PROBABILITY = 0.5
"""Least probability of the two kinds together."""

Sample = Callable[[Recipe], Result]


def flaw_of_blend(recipe: Recipe, result: Result, sample: Sample) -> str:
    """Return what is broken in a blend, as half a sentence, or "" for a whole one.

    Args:
        recipe: the recipe of the blend.
        result: its result.
        sample: makes the object of a recipe; called for the blend's ends if their parts have to be counted.
    """
    if not recipe.model.startswith(CHECKED) or result.mesh is None or not len(result.mesh.faces):
        return ""
    return flaw_of_mesh(recipe, result.mesh, sample) or flaw_of_kind(recipe, result.mesh, sample)


def flaw_of_mesh(recipe: Recipe, mesh: Mesh, sample: Sample) -> str:
    """Return what is broken in a blend's mesh: it is open, or has more parts than either of the two objects."""
    report = surface_report(mesh)
    if report.watertight and report.components == 1:
        return ""
    ends = [surface_report(end.mesh) for each in ends_of(recipe) if (end := sample(each)).mesh is not None]
    if report.components > max((end.components for end in ends), default=1):
        return f"falls into {report.components} parts"
    is_worse = not report.watertight and all(end.watertight for end in ends)
    return "has holes in its surface" if is_worse else ""


def surface_report(mesh: Mesh) -> SurfaceReport:
    """Return the number of parts of a mesh, and whether it is closed."""
    return main_parts(mesh.vertices, mesh.faces)[2]


def ends_of(recipe: Recipe) -> tuple[Recipe, Recipe]:
    """Return the recipes of the two objects that a blend lies between."""
    plain = replace(recipe, blend_prompt="", blend_strength=0.0, variation_strength=0.0)
    seed = recipe.variation_seed if recipe.variation_strength else recipe.seed
    earlier = "" if recipe.variation_strength else recipe.earlier_variations
    return plain, replace(plain, prompt=recipe.blend_prompt, seed=seed, earlier_variations=earlier)


def flaw_of_kind(recipe: Recipe, mesh: Mesh, sample: Sample) -> str:
    """Return what a blend looks like if it is of neither prompt's kind.

    It is "" if a prompt names no known kind, if both name the same, between which no other was ever seen, or if the
    tower does not even recognize the two objects themselves.
    """
    vocabulary = load_image_tower(IMAGE_TOWER_WEIGHTS, CPU)[1]
    kinds = [kind_and_color(prompt, vocabulary, recipe.model)[0] for prompt in (recipe.prompt, recipe.blend_prompt)]
    if "" in kinds or kinds[0] == kinds[1]:
        return ""
    seen = unlike(mesh, set(kinds))
    is_judge = bool(seen) and not any(
        end.mesh is None or unlike(end.mesh, {kind})
        for kind, end in zip(kinds, map(sample, ends_of(recipe)), strict=True)
    )
    return f"looks like {with_article(seen)}" if is_judge else ""


def unlike(mesh: Mesh, kinds: set[str]) -> str:
    """Return the kind that a mesh looks like to the image tower, or "" if it is likely of one of these kinds."""
    vocabulary = load_image_tower(IMAGE_TOWER_WEIGHTS, CPU)[1]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "blend.png"
        Image.fromarray(thumbnail(mesh)).save(path)
        probabilities = read_by_tower(path, CPU)[0].category[0].softmax(0)
    if sum(float(probabilities[vocabulary.categories.index(kind)]) for kind in kinds) >= MIN_PROBABILITY:
        return ""
    others = [index for index, kind in enumerate(vocabulary.categories) if kind not in kinds]
    return vocabulary.categories[max(others, key=lambda index: float(probabilities[index]))]
