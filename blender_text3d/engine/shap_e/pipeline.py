# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to latent to mesh, as generators of steps."""

from collections.abc import Generator, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..diffusion.denoiser import Denoiser, guided_denoiser
from ..diffusion.schedule import Schedule, karras_sigmas
from ..diffusion.solvers import SolverState, dpm_solver_2m, heun
from ..recipe import Recipe, Result, Step
from ..surface import SurfaceReport, extract_surface, keep_main, vertex_colors
from .field import Field
from .mini import MiniShapE

SIGMA_MIN, SIGMA_MAX = 1e-3, 160.0
PREVIEW_GRID, PREVIEW_EVERY, FIRST_PREVIEW = 32, 2, 3
LEVELS = (0.0, -0.2, -0.4)
CLOUD_POINTS = 4096


def make(model: MiniShapE, recipe: Recipe) -> Generator[Step, None, Result]:
    """The whole way: yields steps of the stages "sample" and "mesh"."""
    latent = yield from sample_latent(model, recipe)
    yield Step("mesh", 0, 1)
    mesh = mesh_of(model, latent, recipe.grid)
    has_cloud = recipe.outputs in ("cloud", "both") and len(mesh.faces)
    cloud = cloud_of(model, latent, mesh, recipe.seed) if has_cloud else None
    yield Step("mesh", 1, 1, geometry=mesh)
    return Result(mesh=mesh, cloud=cloud, latent=latent.cpu().numpy())


def sample_latent(model: MiniShapE, recipe: Recipe) -> Generator[Step, None, Tensor]:
    """Denoises a latent; yields a step per solver step and returns the latent [D]."""
    condition = model.read(recipe)
    yield Step("sample", 0, recipe.steps, notice=condition.notice, picture=condition.picture)
    denoise = guided_denoiser(model.prior, Schedule("exp"), "x_start", condition.values, recipe.guidance)
    sigmas = karras_sigmas(recipe.steps, SIGMA_MIN, SIGMA_MAX)
    random = torch.Generator().manual_seed(recipe.seed)
    x = torch.randn(1, model.prior.config.d_latent, generator=random).to(model.device) * SIGMA_MAX
    for state in solver_states(recipe.solver, denoise, x, sigmas, random):
        x = state.x
        done = state.index + 1
        shows = done >= FIRST_PREVIEW and done % PREVIEW_EVERY == 0 and done < recipe.steps
        preview = mesh_of(model, state.clean[0], PREVIEW_GRID, levels=LEVELS[:1]) if shows else None
        yield Step("sample", done, recipe.steps, geometry=preview, sigma=state.sigma)
    return x[0].clamp(-1.0, 1.0)


def solver_states(
    solver: str, denoise: Denoiser, x: Tensor, sigmas: np.ndarray, random: torch.Generator
) -> Iterator[SolverState]:
    """The states of a named solver; noise is drawn in the official order from one generator on the CPU."""
    if solver == "heun":
        return heun(denoise, x, sigmas, noise=lambda like: torch.randn(like.shape, generator=random).to(like.device))
    return dpm_solver_2m(denoise, x, sigmas)


def connected_surface(
    field: Field, grid: int, levels: Sequence[float], device: torch.device
) -> tuple[Tensor, Tensor, SurfaceReport]:
    """The surface at the first level that leaves one part in one piece; at the first of all if none does.

    Where the field is unsure of a thin part (a mast, a stalk), its value dips just below zero and the part comes off; a
    slightly lower level, which moves the surface by a hundredth of the object's size, holds it.

    Returns:
        vertices [V, 3], faces [F, 3], and what the surface is made of; specks are dropped.
    """
    found = []
    for level in levels:
        found.append(keep_main(*extract_surface(field.signed_distance, grid=grid, level=level, device=device)))
        if found[-1][2].components == 1:
            return found[-1]
    return found[0]


@torch.inference_mode()
def mesh_of(model: MiniShapE, latent: Tensor, grid: int, levels: Sequence[float] = LEVELS) -> Mesh:
    """A latent's coloured mesh in model space; specks are dropped. Without a surface it has no vertices."""
    field = Field(model.decoder, latent)
    vertices, faces, _ = connected_surface(field, grid, levels, model.device)
    colors = vertex_colors(field.color, vertices)
    return Mesh(vertices.cpu().numpy(), faces.to(torch.int32).cpu().numpy(), colors.cpu().numpy())


@torch.inference_mode()
def cloud_of(model: MiniShapE, latent: Tensor, mesh: Mesh, seed: int) -> PointCloud:
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
