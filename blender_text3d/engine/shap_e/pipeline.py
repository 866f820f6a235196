# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt or image to latent, and latent to mesh or cloud."""

import math
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..conditioning.blended import blended_condition
from ..conditioning.condition import Condition
from ..diffusion.denoiser import Denoiser, guided_denoiser
from ..diffusion.noise import Noise
from ..diffusion.schedule import DISTILLED_NOISE, Schedule, karras_sigmas
from ..diffusion.solver_registry import noise_levels, solve
from ..recipe import IndexedStep, Recipe, Step, require_step
from ..surface import connected_surface, vertex_colors
from .decoder import VectorDecoder
from .distilled import DistilledPrior
from .field import Field
from .interpolated_mesh import interpolated_preview
from .prior import SplitVectorDiffusion
from .step_latents import StepLatents

SIGMA_MIN, SIGMA_MAX = 1e-3, 160.0
PREVIEW_GRID, PREVIEW_EVERY, FIRST_PREVIEW = 32, 2, 3
FEW_STEPS = 8
"""In runs of fewer steps, nearly every step has a preview."""
CLOUD_POINTS = 4096


class ShapEModel(Protocol):
    """A loaded Shap-E of any size.

    Attributes:
        max_value: largest absolute value in a latent, or None if unbounded.
        levels: values at the surface, see `connected_surface`.
        interpolates: True if its surfaces may be interpolated, since its fields are nearly linear within a cell.
        precision: dtype of the prior.
        sha256: hash of the weights file.
        distilled: number of steps -> the prior with distilled weights for it; empty if the model has none.
    """

    @property
    def prior(self) -> SplitVectorDiffusion: ...
    @property
    def decoder(self) -> VectorDecoder: ...
    @property
    def device(self) -> torch.device: ...
    @property
    def max_value(self) -> float | None: ...
    @property
    def levels(self) -> Sequence[float]: ...
    @property
    def interpolates(self) -> bool: ...
    @property
    def precision(self) -> torch.dtype: ...
    @property
    def sha256(self) -> str: ...
    @property
    def distilled(self) -> Mapping[int, DistilledPrior]: ...

    def condition(self, recipe: Recipe) -> Condition: ...


def sample_latents(
    model: ShapEModel, recipes: Sequence[Recipe], known: Tensor | None = None, kept: StepLatents | None = None
) -> Generator[IndexedStep, None, Tensor]:
    """Denoise latents as one batch; yield a step per recipe and solver step.

    Args:
        model: the model.
        recipes: recipes of one batch.
        known: latents (B, D) float32 of objects to vary by the recipes' strength; None to start from noise alone.
        kept: collects the estimate of each step, or None.

    Returns:
        Latents (B, D) float32.

    Raises:
        NoSuchStep: a recipe wants a step that the run does not have.

    Source: Meng et al. 2022 (SDEdit), algorithm 1, for latents: noise is added to what is known, and removed again.
    """
    first = recipes[0]
    conditions = [blended_condition(model, recipe) for recipe in recipes]
    for index, condition in enumerate(conditions):
        yield index, Step("sample", 0, first.steps, notice=condition.notice, input_image=condition.input_image)
    values = torch.cat([condition.values for condition in conditions])
    denoise = denoiser_of(model, first, values)
    noise = Noise([recipe.seed for recipe in recipes], [recipe.variations for recipe in recipes])
    x = noise.draw([model.prior.config.d_latent], model.device)
    if known is None:
        sigmas = noise_levels(first.solver, first.steps, SIGMA_MIN, SIGMA_MAX)
        x = x * first_level(first.solver)
    else:
        sigmas = karras_sigmas(first.steps, SIGMA_MIN, sigma_of_strength(first.vary))
        x = known + x * float(sigmas[0])
    for recipe in recipes:
        require_step(recipe.step, len(sigmas) - 1)
    for state in solve(first.solver, denoise, x, sigmas, noise=noise, guidance_every=first.guidance_every):
        x = state.x
        if kept:
            kept.add(state)
        done = state.index + 1
        for index in range(len(recipes)):
            preview = partial(preview_mesh, model, state.denoised[index]) if has_preview(done, state.total) else None
            yield index, Step("sample", done, state.total, preview, state.sigma, state.notice)
    return x if model.max_value is None else x.clamp(-model.max_value, model.max_value)


def first_level(solver: str) -> float:
    """Return the standard deviation of the noise that a solver's run begins with; distilled weights take more of it."""
    return SIGMA_MAX * (DISTILLED_NOISE if solver == "distilled" else 1.0)


def sigma_of_strength(strength: float) -> float:
    """Return the noise level at which noise has a share `strength` of the quarter circle between latent and noise.

    At 0.5 both are equally strong, at 1 the latent is lost; see `blended` for the circle.
    """
    level = math.tan(strength * math.pi / 2) if strength < 1 else SIGMA_MAX
    return min(max(level, 2 * SIGMA_MIN), SIGMA_MAX)


def denoiser_of(model: ShapEModel, recipe: Recipe, values: Tensor) -> Denoiser:
    """Return the denoiser of a recipe's solver for conditions (B, …); that of distilled weights needs no guidance."""
    schedule = Schedule("exp")
    if recipe.solver == "distilled" and (distilled := model.distilled.get(recipe.steps)):
        return guided_denoiser(
            distilled.network, schedule, "x_start", values, 1.0, clamp=False, precision=model.precision
        )
    return guided_denoiser(model.prior, schedule, "x_start", values, recipe.guidance, precision=model.precision)


def has_preview(done: int, total: int) -> bool:
    """True if there is something to see after so many of all steps, and enough has changed since the last preview."""
    if total < FEW_STEPS:
        return 1 < done < total
    return done >= FIRST_PREVIEW and done % PREVIEW_EVERY == 0 and done < total


def preview_mesh(model: ShapEModel, latent: Tensor) -> Mesh:
    """Return a small mesh of a latent in model space, with specks if that is faster."""
    if model.interpolates:
        return interpolated_preview(model, latent)
    return mesh_of(model, latent, PREVIEW_GRID, levels=model.levels[:1])


@torch.inference_mode()
def mesh_of(model: ShapEModel, latent: Tensor, grid: int, levels: Sequence[float] | None = None) -> Mesh:
    """Return a latent's colored mesh in model space without specks; if there is no surface, it has no vertices.

    Args:
        model: the model whose decoder to use.
        latent: (D,) float32.
        grid: grid points per side.
        levels: values at the surface, tried in turn; the model's own by default.
    """
    field = Field(model.decoder, latent)
    levels = levels or model.levels
    vertices, faces, _ = connected_surface(field.signed_distance, grid=grid, levels=levels, device=model.device)
    colors = vertex_colors(field.color, vertices)
    return Mesh(vertices.cpu().numpy(), faces.to(torch.int32).cpu().numpy(), colors.cpu().numpy())


@torch.inference_mode()
def cloud_of(model: ShapEModel, latent: Tensor, mesh: Mesh, seed: int) -> PointCloud:
    """Return points drawn uniformly from a mesh's surface, colored by the latent's field."""
    points = surface_points(mesh, CLOUD_POINTS, seed)
    colors = vertex_colors(Field(model.decoder, latent).color, points.to(model.device))
    return PointCloud(points.numpy(), colors.cpu().numpy())


def surface_points(mesh: Mesh, count: int, seed: int) -> Tensor:
    """Draw points (count, 3) float32 uniformly from a mesh's surface, in the mesh's space.

    Source: Osada et al. 2002 (Shape Distributions), equation 1.
    """
    generator = torch.Generator().manual_seed(seed)
    corners = torch.from_numpy(mesh.vertices)[torch.from_numpy(mesh.faces).long()]
    areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
    triangles = corners[torch.multinomial(areas, count, replacement=True, generator=generator)]
    r1, r2 = torch.rand(2, count, 1, generator=generator)
    root = r1.sqrt()
    return (1 - root) * triangles[:, 0] + root * (1 - r2) * triangles[:, 1] + root * r2 * triangles[:, 2]
