# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt or picture to coarse cloud to fine cloud to mesh, as a generator of steps."""

from collections.abc import Generator, Sequence
from typing import Protocol

import torch

from ...geometry import PointCloud
from ..conditioning.condition import Condition
from ..diffusion.noise import Noise
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from .mesh import CloudReading, DistanceNetwork, mesh_of_cloud
from .sampling_stage import Scaling, Stage, run_stage


class PointE(Protocol):
    """A loaded Point-E of any size."""

    stages: Sequence[Stage]
    scaling: Scaling
    sdf: DistanceNetwork
    sdf_reading: CloudReading
    device: torch.device
    precision: torch.dtype

    def read(self, recipe: Recipe) -> Condition: ...


def make(model: PointE, recipes: Sequence[Recipe]) -> StepStream:
    """The whole way of some recipes: yields steps of each of the model's stages, "mesh" and "made"."""
    clouds = yield from sample_clouds(model, recipes)
    results = []
    for which, (cloud, recipe) in enumerate(zip(clouds, recipes, strict=True)):
        mesh = None
        if recipe.outputs != "cloud":
            yield which, Step("mesh", 0, 1, geometry=cloud)
            mesh = mesh_of_cloud(model.sdf, cloud, recipe.grid, model.device, model.sdf_reading)
            yield which, Step("mesh", 1, 1, geometry=mesh)
        results.append(Result(mesh=mesh, cloud=cloud if recipe.outputs != "mesh" else None, latent=None))
        yield which, Step("made", 1, 1, result=results[-1])
    return results


def sample_clouds(model: PointE, recipes: Sequence[Recipe]) -> Generator[IndexedStep, None, list[PointCloud]]:
    """Runs the model's stages one after the other; returns the clouds in model space."""
    conditions = [model.read(recipe) for recipe in recipes]
    for which, condition in enumerate(conditions):
        yield which, Step("read", 1, 1, notice=condition.notice, picture=condition.picture)
    values = torch.cat([condition.values for condition in conditions])
    noise, points = Noise([recipe.seed for recipe in recipes]), None
    for stage in model.stages:
        points = yield from run_stage(stage, model.scaling, values, points, recipes, noise, model.precision)
    return [model.scaling.cloud(channels) for channels in points]
