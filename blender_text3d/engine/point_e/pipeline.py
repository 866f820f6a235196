# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt or picture to coarse cloud to fine cloud to mesh, as a generator of steps."""

from collections.abc import Generator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from ..condition import Condition
from ..recipe import Recipe, Result, Step
from .mesh import Reading, mesh_of_cloud
from .sdf import CrossAttentionPointCloudSDFModel
from .stage import Scaling, Stage, run_stage


class PointE(Protocol):
    """A loaded Point-E of any size."""

    stages: Sequence[Stage]
    scaling: Scaling
    sdf: CrossAttentionPointCloudSDFModel
    sdf_reading: Reading
    device: torch.device

    def read(self, recipe: Recipe) -> Condition: ...


@torch.no_grad()
def make(model: PointE, recipe: Recipe) -> Generator[Step, None, Result]:
    """The whole way: yields steps of each of the model's stages and of "mesh"."""
    condition = model.read(recipe)
    random = torch.Generator().manual_seed(recipe.seed)
    yield Step(model.stages[0].name, 0, recipe.steps, notice=condition.notice, picture=condition.picture)
    points: Tensor | None = None
    for stage in model.stages:
        points = yield from run_stage(stage, model.scaling, condition.values, points, recipe, random)
    cloud = model.scaling.cloud(points)
    if recipe.outputs == "cloud":
        return Result(mesh=None, cloud=cloud, latent=None)
    yield Step("mesh", 0, 1, geometry=cloud)
    mesh = mesh_of_cloud(model.sdf, cloud, recipe.grid, model.device, model.sdf_reading)
    yield Step("mesh", 1, 1, geometry=mesh)
    return Result(mesh=mesh, cloud=cloud if recipe.outputs == "both" else None, latent=None)
