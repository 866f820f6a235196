# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt or image to coarse cloud to fine cloud to mesh, as a generator of steps."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from ...geometry import PointCloud
from ..conditioning.blended import blended_condition
from ..conditioning.condition import Condition
from ..diffusion.noise import Noise
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream, ready_preview, require_step
from ..surface.section import section_of
from .mesh import CloudMeshing, DistanceNetwork, field_of_cloud, mesh_of_cloud
from .sampling_stage import Scaling, Stage, run_stage
from .saved_clouds import StepClouds, load_cloud


class PointEModel(Protocol):
    """A loaded Point-E of any size.

    Attributes:
        stages: the diffusions that make a cloud, coarse first.
        scaling: conversion between point channels and network inputs.
        meshing: how the distance network's surface is extracted.
        precision: dtype of the denoising networks.
    """

    @property
    def stages(self) -> Sequence[Stage]: ...
    @property
    def scaling(self) -> Scaling: ...
    @property
    def sdf(self) -> DistanceNetwork[Any]: ...
    @property
    def meshing(self) -> CloudMeshing: ...
    @property
    def device(self) -> torch.device: ...
    @property
    def precision(self) -> torch.dtype: ...

    def condition(self, recipe: Recipe) -> Condition: ...


def run(model: PointEModel, recipes: Sequence[Recipe]) -> StepStream:
    """Run recipes of one batch: yield steps of each of the model's stages, "mesh" and "made"."""
    kept = StepClouds(recipes)
    clouds = yield from sample_clouds(model, recipes, kept)
    results = []
    for index, (cloud, recipe) in enumerate(zip(clouds, recipes, strict=True)):
        mesh = None
        if recipe.outputs != "cloud":
            yield index, Step("mesh", 0, 1, preview=ready_preview(cloud))
            mesh = mesh_of_cloud(model.sdf, cloud, recipe.grid, model.device, model.meshing)
            yield index, Step("mesh", 1, 1, distances=partial(distances_of, model, cloud))
        own_cloud = cloud if recipe.outputs != "mesh" else None
        results.append(Result(mesh=mesh, cloud=own_cloud, latent=None, step_geometry=kept.of(index)))
        yield index, Step("made", 1, 1, result=results[-1])
    return results


@torch.inference_mode()
def distances_of(model: PointEModel, cloud: PointCloud) -> np.ndarray:
    """Return a section of a cloud's field, see `Step.distances`."""
    return section_of(field_of_cloud(model.sdf, cloud, model.device, model.meshing), model.device)


def sample_clouds(
    model: PointEModel, recipes: Sequence[Recipe], kept: StepClouds | None = None
) -> Generator[IndexedStep, None, list[PointCloud]]:
    """Run the model's stages one after the other; return the clouds in model space, or those of the wanted steps.

    A cloud of a job's steps.npz needs no run.

    Raises:
        NoSuchStep: a recipe wants a step that there is not. WrongSteps: its file contains no clouds.
    """
    kept = kept or StepClouds(recipes)
    if recipes[0].latent:
        return [load_cloud(recipe.latent, recipe.step) for recipe in recipes if recipe.latent]
    for recipe in recipes:
        require_step(recipe.step, sum(len(stage.sigmas_of(recipe)) - 1 for stage in model.stages))
    conditions = [blended_condition(model, recipe) for recipe in recipes]
    for index, condition in enumerate(conditions):
        yield index, Step("read", 1, 1, notice=condition.notice, input_image=condition.input_image)
    values = torch.cat([condition.values for condition in conditions])
    noise = Noise([recipe.seed for recipe in recipes], [recipe.variations for recipe in recipes])
    first, *others = model.stages
    stage_steps = run_stage(first, model.scaling, values, None, recipes, noise, model.precision)
    channels: Tensor = yield from kept.follow(stage_steps)
    for stage in others:
        stage_steps = run_stage(stage, model.scaling, values, channels, recipes, noise, model.precision)
        channels = yield from kept.follow(stage_steps)
    return [kept.chosen(index, model.scaling.cloud(sample)) for index, sample in enumerate(channels)]
