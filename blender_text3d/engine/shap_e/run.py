# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes to objects: sample a latent, load one, or encode or vary an object; then decode it into a mesh or cloud."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from ...geometry import Mesh
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from ..surface.section import section_of
from .encoding.object_file import BadObject
from .field import Field
from .interpolated_mesh import MIN_INTERPOLATED_GRID, interpolated_mesh
from .pipeline import PREVIEW_GRID, ShapEModel, cloud_of, mesh_of, preview_mesh, sample_latents
from .rendering.stf import STFSettings
from .rendering.turntable import Turntable
from .rendering.views import render_turntable
from .rendering.volume import NeRFSettings
from .saved_latent import DECODED_BY, SavedLatent, load_latent
from .saved_steps import load_step, load_steps
from .step_latents import StepLatents

Value = TypeVar("Value")


class ObjectEncoder(Protocol):
    """A loaded Shap-E that encodes objects."""

    def encode(self, recipe: Recipe, path: Path) -> Generator[Step, None, Tensor]: ...


def run(model: ShapEModel, recipes: Sequence[Recipe]) -> StepStream:
    """Run recipes of one batch: yield steps of "sample" or "encode", "mesh", "views" and "made".

    Raises:
        WrongLatent: a recipe's file contains no latent of this model.
        NoSuchStep: a recipe wants a step that there is not.
        BadObject: a recipe's object cannot be encoded.
    """
    if recipes[0].outputs == "steps" and recipes[0].latent:
        return [(yield from indexed(0, decode_steps(model, recipes[0], recipes[0].latent)))]
    kept = None
    latents, sources = yield from known_latents(model, recipes)
    if latents is None or is_varied(recipes[0]):
        kept = StepLatents(recipes, model.max_value)
        latents = kept.chosen((yield from sample_latents(model, recipes, latents, kept)))
    results = []
    for index, (latent, recipe) in enumerate(zip(latents, recipes, strict=True)):
        result = yield from indexed(index, decode(model, recipe, latent))
        result = replace(result, step_latents=kept.of(index) if kept else None, latent_sha256=sources[index])
        results.append(with_surface(result, recipe))
        yield index, Step("made", 1, 1, result=results[-1])
    return results


def is_varied(recipe: Recipe) -> bool:
    """True if a recipe varies an object; a latent is decoded as it is."""
    return recipe.vary > 0 and recipe.latent is None


def known_latents(
    model: ShapEModel, recipes: Sequence[Recipe]
) -> Generator[IndexedStep, None, tuple[Tensor | None, list[str]]]:
    """Read the latents of recipes with a latent file, or encode their objects.

    Returns:
        The latents (B, D) float32, or None for other recipes; and the weights' hashes that those of files have, or "".

    Raises:
        WrongLatent: a file contains no latent of this model.
        BadObject: an object cannot be encoded.
    """
    latents, sources = [], [""] * len(recipes)
    for index, recipe in enumerate(recipes):
        if recipe.latent is not None:
            saved = yield from indexed(index, saved_latent(model, recipe.latent, recipe.step))
            latents.append(torch.from_numpy(saved.values).to(model.device))
            sources[index] = saved.weights_sha256
        elif recipe.object is not None:
            encoding = cast(ObjectEncoder, model).encode(recipe, recipe.object)
            latents.append((yield from indexed(index, encoding)))
    return torch.stack(latents) if latents else None, sources


def saved_latent(model: ShapEModel, latent_file: Path, step: int = 0) -> Generator[Step, None, SavedLatent]:
    """Return the latent in a job's latent.npz, or of a step in its steps.npz.

    It yields a notice if other weights made it.

    Raises:
        WrongLatent: the file contains no latent of this model. NoSuchStep: it has no such step.
    """
    saved = load_step(latent_file, latent_size(model), step) if step else load_latent(latent_file, latent_size(model))
    if notice := weights_notice(saved, model):
        yield Step("mesh", 0, 1, notice=notice)
    return saved


def decode_steps(model: ShapEModel, recipe: Recipe, steps_file: Path) -> Generator[Step, None, Result]:
    """Decode the latents of all steps in a job's steps.npz; yield a step for each, return their meshes.

    Small grids give previews, with specks; a step without a surface has an empty mesh.

    Raises:
        WrongLatent: the file contains no steps of this model.
    """
    latents, _ = load_steps(steps_file, latent_size(model))
    meshes = []
    yield Step("steps", 0, len(latents))
    for index, values in enumerate(latents, start=1):
        latent = torch.from_numpy(np.nan_to_num(values.astype(np.float32))).to(model.device)
        is_preview = recipe.grid <= PREVIEW_GRID
        meshes.append(preview_mesh(model, latent) if is_preview else surface_mesh(model, latent, recipe))
        yield Step("steps", index, len(latents))
    return Result(mesh=None, cloud=None, latent=None, step_geometry=tuple(meshes))


def latent_size(model: ShapEModel) -> int:
    """Return the number of values in a latent."""
    return model.decoder.config.rows * model.decoder.config.d_row


def with_surface(result: Result, recipe: Recipe) -> Result:
    """Return the result, unless it should be a copy of an object and has no surface.

    Raises:
        BadObject: it has none.
    """
    is_copy = recipe.object is not None and recipe.latent is None and not is_varied(recipe)
    if is_copy and result.mesh is not None and not len(result.mesh.faces):
        name = cast(Path, recipe.object).name
        raise BadObject(f"The copy of the object {name} has no surface. Give thin parts some thickness.")
    return result


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
    yield Step("mesh", 1, 1, distances=partial(distances_of, model, latent))
    views = None
    if recipe.views:
        turntable = Turntable(views=recipe.views, size_px=recipe.view_size)
        views = yield from render_turntable(model, latent, turntable, render_settings_of(recipe), mesh)
    return Result(mesh=mesh, cloud=cloud, latent=latent.cpu().numpy(), views=views)


@torch.inference_mode()
def distances_of(model: ShapEModel, latent: Tensor) -> np.ndarray:
    """Return a section of a latent's field, see `Step.distances`."""
    return section_of(Field(model.decoder, latent).signed_distance, model.device)


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
    distilled = (prior.sha256 for prior in model.distilled.values())
    if saved.weights_sha256 in ("", model.sha256, *distilled) or DECODED_BY.get(saved.weights_sha256) == model.sha256:
        return None
    return f"{saved.name} was made with other weights than these, so the object may look different."


def indexed(index: int, steps: Generator[Step, None, Value]) -> Generator[IndexedStep, None, Value]:
    """Yield the steps of one recipe with its index; return what the steps return."""
    while True:
        try:
            yield index, next(steps)
        except StopIteration as end:
            value: Value = end.value
            return value
