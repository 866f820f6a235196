# SPDX-License-Identifier: GPL-3.0-or-later
"""What the small Point-E makes of a prompt: coarse clouds, fine clouds, meshes."""

import torch
from scipy.spatial import cKDTree

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m
from blender_text3d.engine.point_e.mini import BASE_POINTS, NEW_POINTS, SDF_POINTS
from blender_text3d.engine.surface import connected_surface, vertex_colors

from .clouds import scaled, unscaled
from .train_point_e_base import SCHEDULE as BASE_SCHEDULE
from .train_point_e_upsampler import SCHEDULE as UPSAMPLER_SCHEDULE

SIGMA_MIN, SIGMA_MAX, UPSAMPLER_SIGMA_MAX = 1e-2, 120.0, 0.08
STEPS, UPSAMPLER_STEPS = 16, 4
GUIDANCE = 1.5
LEVELS = (0.0, -0.01, -0.02)
"""Where the surface is taken: at distance 0, and farther out where a part would come off."""
AT_ONCE = 2048
"""Queries in one call: what they need fits a processor's cache."""
BLENDED = 3
"""How many of the nearest points a vertex takes its colour from."""


def noise_of(seeds, points):
    """([S, 6, points]) each seed's noise."""
    return torch.stack([torch.randn(6, points, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


def solved(denoise, x, sigmas):
    """The end of a run of the fast solver."""
    for state in dpm_solver_2m(denoise, x, sigmas):
        x = state.x
    return x


@torch.inference_mode()
def coarse_clouds(model, condition, seeds, steps=STEPS, guidance=GUIDANCE):
    """[S, 6, BASE_POINTS] in model space and RGB 0..255, of one condition [1, K]."""
    condition = condition.expand(len(seeds), -1)
    denoise = guided_denoiser(model.base, Schedule(BASE_SCHEDULE), "x_start", condition, guidance)
    x = solved(denoise, noise_of(seeds, BASE_POINTS) * SIGMA_MAX, karras_sigmas(steps, SIGMA_MIN, SIGMA_MAX))
    return unscaled(x.clamp(-1, 1))


@torch.inference_mode()
def made_again(model, condition, coarse, blur, seed, steps=6):
    """Coarse clouds [B, 6, BASE_POINTS], blurred by noise of spread `blur` and taken back by the base."""
    condition = condition.expand(len(coarse), -1)
    denoise = guided_denoiser(model.base, Schedule(BASE_SCHEDULE), "x_start", condition, 1.0)
    noise = torch.randn(coarse.shape, generator=torch.Generator().manual_seed(seed))
    return unscaled(solved(denoise, scaled(coarse) + blur * noise, karras_sigmas(steps, SIGMA_MIN, blur)).clamp(-1, 1))


@torch.inference_mode()
def fine_clouds(model, condition, coarse, seeds, steps=UPSAMPLER_STEPS):
    """[S, 6, NEW_POINTS] in model space and RGB 0..255, around the points of coarse clouds."""
    conditions = condition.expand(len(coarse), -1), coarse
    denoise = guided_denoiser(model.upsampler, Schedule(UPSAMPLER_SCHEDULE), "epsilon", conditions, 1.0)
    start = scaled(coarse).repeat_interleave(NEW_POINTS // coarse.shape[2], dim=2)
    x = start + UPSAMPLER_SIGMA_MAX * noise_of([seed + 1 for seed in seeds], NEW_POINTS)
    return unscaled(solved(denoise, x, karras_sigmas(steps, SIGMA_MIN, UPSAMPLER_SIGMA_MAX)).clamp(-1, 1))


def field_of(sdf, cloud):
    """The field of a cloud [6, N], positive inside, in model space."""
    picked = torch.linspace(0, cloud.shape[1] - 1, min(SDF_POINTS, cloud.shape[1])).long()
    encoded = sdf.encode(cloud[None, :3, picked])
    return lambda points: torch.cat([sdf.query(some.T[None], encoded)[0] for some in points.split(AT_ONCE)])


def nearest_colors(cloud, blended=BLENDED):
    """A colour field: the weighted colour of the nearest points of a cloud [6, N]."""
    tree, rgb = cKDTree(cloud[:3].T.numpy()), cloud[3:].T / 255

    def colors(points):
        distance, index = (torch.from_numpy(found) for found in tree.query(points.numpy(), k=blended))
        weight = (1 / (distance.float() + 1e-3)).square()[..., None]
        return (rgb[index] * weight).sum(1) / weight.sum(1)

    return colors


@torch.inference_mode()
def mesh_and_report(model, cloud, grid, levels=LEVELS):
    """(vertices, faces, colors, report) of a cloud [6, N]: at the first level that leaves one part, else the first."""
    field = field_of(model.sdf, cloud)
    vertices, faces, report = connected_surface(field, grid=grid, levels=levels, seeds=cloud[:3].T)
    return vertices, faces, vertex_colors(nearest_colors(cloud), vertices), report
