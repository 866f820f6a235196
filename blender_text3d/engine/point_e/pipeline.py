# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt or image to coarse cloud to fine cloud to mesh, as a generator of steps."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from ...geometry import PointCloud
from ..conditioning.condition import Condition
from ..diffusion.noise import Noise
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream, ready_preview
from ..surface.section import section_of
from .mesh import CloudMeshing, DistanceNetwork, field_of_cloud, mesh_of_cloud
from .sampling_stage import Scaling, Stage, run_stage


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
    clouds = yield from sample_clouds(model, recipes)
    results = []
    for index, (cloud, recipe) in enumerate(zip(clouds, recipes, strict=True)):
        mesh = None
        if recipe.outputs != "cloud":
            yield index, Step("mesh", 0, 1, preview=ready_preview(cloud))
            mesh = mesh_of_cloud(model.sdf, cloud, recipe.grid, model.device, model.meshing)
            yield index, Step("mesh", 1, 1, distances=partial(distances_of, model, cloud))
        results.append(Result(mesh=mesh, cloud=cloud if recipe.outputs != "mesh" else None, latent=None))
        yield index, Step("made", 1, 1, result=results[-1])
    return results


@torch.inference_mode()
def distances_of(model: PointEModel, cloud: PointCloud) -> np.ndarray:
    """Return a section of a cloud's field, see `Step.distances`."""
    return section_of(field_of_cloud(model.sdf, cloud, model.device, model.meshing), model.device)


def sample_clouds(model: PointEModel, recipes: Sequence[Recipe]) -> Generator[IndexedStep, None, list[PointCloud]]:
    """Run the model's stages one after the other; return the clouds in model space."""
    conditions = [model.condition(recipe) for recipe in recipes]
    for index, condition in enumerate(conditions):
        yield index, Step("read", 1, 1, notice=condition.notice, input_image=condition.input_image)
    values = torch.cat([condition.values for condition in conditions])
    noise = Noise([recipe.seed for recipe in recipes], [recipe.variations for recipe in recipes])
    first, *others = model.stages
    channels: Tensor = yield from run_stage(first, model.scaling, values, None, recipes, noise, model.precision)
    for stage in others:
        channels = yield from run_stage(stage, model.scaling, values, channels, recipes, noise, model.precision)
    return [model.scaling.cloud(sample) for sample in channels]
