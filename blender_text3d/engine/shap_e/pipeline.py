# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to latent to mesh, as generators of steps."""

from collections.abc import Generator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..conditioning.condition import Condition
from ..diffusion.denoiser import guided_denoiser
from ..diffusion.noise import Noise
from ..diffusion.schedule import Schedule, karras_sigmas
from ..diffusion.solver_registry import solve
from ..recipe import IndexedStep, Recipe, Step
from ..surface import connected_surface, vertex_colors
from .decoder import VectorDecoder
from .field import Field
from .prior import SplitVectorDiffusion

SIGMA_MIN, SIGMA_MAX = 1e-3, 160.0
PREVIEW_GRID, PREVIEW_EVERY, FIRST_PREVIEW = 32, 2, 3
CLOUD_POINTS = 4096


class ShapEModel(Protocol):
    """A loaded Shap-E of any size.

    Attributes:
        limit: the largest number in a latent; None where there is none.
        levels: values at the surface, for `connected_surface`.
        precision: what the prior computes in.
    """

    prior: SplitVectorDiffusion
    decoder: VectorDecoder
    device: torch.device
    limit: float | None
    levels: Sequence[float]
    precision: torch.dtype

    def read(self, recipe: Recipe) -> Condition: ...


def sample_latents(model: ShapEModel, recipes: Sequence[Recipe]) -> Generator[IndexedStep, None, Tensor]:
    """Denoises latents together; yields a step of each recipe per solver step and returns the latents [B, D]."""
    first = recipes[0]
    conditions = [model.read(recipe) for recipe in recipes]
    for which, condition in enumerate(conditions):
        yield which, Step("sample", 0, first.steps, notice=condition.notice, picture=condition.picture)
    values = torch.cat([condition.values for condition in conditions])
    schedule, guidance = Schedule("exp"), first.guidance
    denoise = guided_denoiser(model.prior, schedule, "x_start", values, guidance, precision=model.precision)
    sigmas = karras_sigmas(first.steps, SIGMA_MIN, SIGMA_MAX)
    noise = Noise([recipe.seed for recipe in recipes])
    x = noise.draw([model.prior.config.d_latent], model.device) * SIGMA_MAX
    for state in solve(first.solver, denoise, x, sigmas, noise=noise):
        x = state.x
        done = state.index + 1
        shows = done >= FIRST_PREVIEW and done % PREVIEW_EVERY == 0 and done < state.total
        for which in range(len(recipes)):
            preview = mesh_of(model, state.denoised[which], PREVIEW_GRID, levels=model.levels[:1]) if shows else None
            yield which, Step("sample", done, state.total, preview, state.sigma, state.notice)
    return x if model.limit is None else x.clamp(-model.limit, model.limit)


@torch.inference_mode()
def mesh_of(model: ShapEModel, latent: Tensor, grid: int, levels: Sequence[float] | None = None) -> Mesh:
    """A latent's coloured mesh in model space; specks are dropped. Without a surface it has no vertices.

    Args:
        model: whose decoder it is.
        latent: [D].
        grid: lattice points a side.
        levels: values at the surface, tried in turn; the model's own if not given.
    """
    field = Field(model.decoder, latent)
    levels = levels or model.levels
    vertices, faces, _ = connected_surface(field.signed_distance, grid=grid, levels=levels, device=model.device)
    colors = vertex_colors(field.color, vertices)
    return Mesh(vertices.cpu().numpy(), faces.to(torch.int32).cpu().numpy(), colors.cpu().numpy())


@torch.inference_mode()
def cloud_of(model: ShapEModel, latent: Tensor, mesh: Mesh, seed: int) -> PointCloud:
    """Points drawn evenly from a mesh's surface, coloured by the field at them."""
    random = torch.Generator().manual_seed(seed)
    corners = torch.from_numpy(mesh.vertices)[torch.from_numpy(mesh.faces).long()]
    areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
    picked = corners[torch.multinomial(areas, CLOUD_POINTS, replacement=True, generator=random)]
    along = torch.rand(2, CLOUD_POINTS, 1, generator=random)
    root = along[0].sqrt()
    points = (1 - root) * picked[:, 0] + root * (1 - along[1]) * picked[:, 1] + root * along[1] * picked[:, 2]
    colors = vertex_colors(Field(model.decoder, latent).color, points.to(model.device))
    return PointCloud(points.numpy(), colors.cpu().numpy())
