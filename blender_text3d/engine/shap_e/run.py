# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes to objects: sample or load a latent, then decode it into a mesh, a cloud and views."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor

from ...geometry import Mesh
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from .interpolated_mesh import MIN_INTERPOLATED_GRID, interpolated_mesh
from .pipeline import ShapEModel, cloud_of, mesh_of, sample_latents
from .rendering.stf import STFSettings
from .rendering.turntable import Turntable
from .rendering.views import render_turntable
from .rendering.volume import NeRFSettings
from .saved_latent import SavedLatent, load_latent


class ObjectEncoder(Protocol):
    """A loaded Shap-E that encodes objects."""

    def encode(self, recipe: Recipe, path: Path) -> Generator[Step, None, Tensor]: ...


def run(model: ShapEModel, recipes: Sequence[Recipe]) -> StepStream:
    """Run recipes of one batch: yield steps of "sample" or "encode", "mesh", "views" and "made".

    Raises:
        WrongLatent: a recipe's file contains no latent of this model.
        BadObject: a recipe's object cannot be encoded.
    """
    results = []
    if recipes[0].object is not None and recipes[0].latent is None:
        decodings = [decode_object(model, recipe, recipe.object) for recipe in recipes if recipe.object is not None]
    elif recipes[0].latent is None:
        latents = yield from sample_latents(model, recipes)
        decodings = [decode(model, recipe, latent) for latent, recipe in zip(latents, recipes, strict=True)]
    else:
        decodings = [decode_saved(model, recipe, recipe.latent) for recipe in recipes if recipe.latent is not None]
    for index, steps in enumerate(decodings):
        results.append((yield from indexed(index, steps)))
        yield index, Step("made", 1, 1, result=results[-1])
    return results


def decode_saved(model: ShapEModel, recipe: Recipe, latent_file: Path) -> Generator[Step, None, Result]:
    """Decode a latent from a file that `save_latent` wrote; the rest is as in `decode`.

    Raises:
        WrongLatent: the file contains no latent of this model.
    """
    saved = load_latent(latent_file, model.decoder.config.rows * model.decoder.config.d_row)
    if notice := weights_notice(saved, model):
        yield Step("mesh", 0, 1, notice=notice)
    latent = torch.from_numpy(saved.values).to(model.device)
    return (yield from decode(model, recipe, latent))


def decode_object(model: ShapEModel, recipe: Recipe, object_file: Path) -> Generator[Step, None, Result]:
    """Encode an object file and decode its latent: yield steps of "encode", then as `decode`.

    Raises:
        BadObject: the object cannot be encoded.
    """
    latent = yield from cast(ObjectEncoder, model).encode(recipe, object_file)
    return (yield from decode(model, recipe, latent))


def decode(model: ShapEModel, recipe: Recipe, latent: Tensor) -> Generator[Step, None, Result]:
    """Decode a latent: yield steps of the stages "mesh" and "views", return the result.

    Args:
        model: the model that sampled the latent.
        recipe: determines grid, outputs and views; its seed determines the cloud's points.
        latent: (D,) float32 on the model's device.

    Returns:
        The result; a mesh without faces means that there is no surface.
    """
    yield Step("mesh", 0, 1)
    mesh = surface_mesh(model, latent, recipe)
    has_cloud = recipe.outputs in ("cloud", "both") and len(mesh.faces)
    cloud = cloud_of(model, latent, mesh, recipe.seed) if has_cloud else None
    yield Step("mesh", 1, 1)
    views = None
    if recipe.views:
        turntable = Turntable(views=recipe.views, size_px=recipe.view_size)
        views = yield from render_turntable(model, latent, turntable, render_settings_of(recipe), mesh)
    return Result(mesh=mesh, cloud=cloud, latent=latent.cpu().numpy(), views=views)


def surface_mesh(model: ShapEModel, latent: Tensor, recipe: Recipe) -> Mesh:
    """Return the mesh of a latent: interpolated where that is as good, sampled on all of the grid for exact results."""
    if model.interpolates and recipe.solver != "heun" and recipe.grid >= MIN_INTERPOLATED_GRID:
        return interpolated_mesh(model, latent, recipe.grid)
    return mesh_of(model, latent, recipe.grid)


def render_settings_of(recipe: Recipe) -> STFSettings | NeRFSettings:
    """Return the settings for a recipe's views; NeRF noise uses its seed, and "heun" samples empty space too."""
    if recipe.view_mode == "stf":
        return STFSettings()
    return NeRFSettings(seed=recipe.seed, skip_grid=None if recipe.solver == "heun" else NeRFSettings.skip_grid)


def weights_notice(saved: SavedLatent, model: ShapEModel) -> str | None:
    """Return a notice if the latent was sampled with other weights than those loaded, or None."""
    if saved.weights_sha256 in ("", model.sha256, model.distilled.sha256 if model.distilled else ""):
        return None
    return f"{saved.name} was made with other weights than these, so the object may look different."


def indexed(index: int, steps: Generator[Step, None, Result]) -> Generator[IndexedStep, None, Result]:
    """Yield the steps of one recipe with its index; return what the steps return."""
    while True:
        try:
            yield index, next(steps)
        except StopIteration as end:
            return end.value
