# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to latent to mesh, as generators of steps."""

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..diffusion.denoiser import guided_denoiser
from ..diffusion.named import states_of
from ..diffusion.noise import Noise
from ..diffusion.schedule import Schedule, karras_sigmas
from ..recipe import Making, News, Recipe, Result, Step
from ..surface import SurfaceReport, extract_surface, keep_main, vertex_colors
from .field import Field
from .mini import MiniShapE

SIGMA_MIN, SIGMA_MAX = 1e-3, 160.0
PREVIEW_GRID, PREVIEW_EVERY, FIRST_PREVIEW = 32, 2, 3
LEVELS = (0.0, -0.2, -0.4)
CLOUD_POINTS = 4096


def make(model: MiniShapE, recipes: Sequence[Recipe]) -> Making:
    """The whole way of some recipes: yields steps of the stages "sample" and "mesh"."""
    latents = yield from sample_latents(model, recipes)
    results = []
    for which, (latent, recipe) in enumerate(zip(latents, recipes, strict=True)):
        yield which, Step("mesh", 0, 1)
        mesh = mesh_of(model, latent, recipe.grid)
        has_cloud = recipe.outputs in ("cloud", "both") and len(mesh.faces)
        cloud = cloud_of(model, latent, mesh, recipe.seed) if has_cloud else None
        yield which, Step("mesh", 1, 1, geometry=mesh)
        results.append(Result(mesh=mesh, cloud=cloud, latent=latent.cpu().numpy()))
    return results


def sample_latents(model: MiniShapE, recipes: Sequence[Recipe]) -> Generator[News, None, Tensor]:
    """Denoises latents together; yields a step of each recipe per solver step and returns the latents [B, D]."""
    first = recipes[0]
    conditions = [model.read(recipe) for recipe in recipes]
    for which, condition in enumerate(conditions):
        yield which, Step("sample", 0, first.steps, notice=condition.notice, picture=condition.picture)
    values = torch.cat([condition.values for condition in conditions])
    denoise = guided_denoiser(model.prior, Schedule("exp"), "x_start", values, first.guidance)
    sigmas = karras_sigmas(first.steps, SIGMA_MIN, SIGMA_MAX)
    noise = Noise([recipe.seed for recipe in recipes])
    x = noise.draw([model.prior.config.d_latent], model.device) * SIGMA_MAX
    for state in states_of(first.solver, denoise, x, sigmas, noise=noise):
        x = state.x
        done = state.index + 1
        shows = done >= FIRST_PREVIEW and done % PREVIEW_EVERY == 0 and done < first.steps
        for which in range(len(recipes)):
            preview = mesh_of(model, state.clean[which], PREVIEW_GRID, levels=LEVELS[:1]) if shows else None
            yield which, Step("sample", done, first.steps, geometry=preview, sigma=state.sigma)
    return x.clamp(-1.0, 1.0)


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
