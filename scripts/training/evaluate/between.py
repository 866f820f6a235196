# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects between two of the small Shap-E, by several ways, and the distance between solids."""

from functools import cache

import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.noise import blended
from blender_text3d.engine.diffusion.schedule import Schedule, distilled_sigmas
from blender_text3d.engine.diffusion.solvers import euler
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.pipeline import first_level

WAYS = ("latent", "latent on the sphere", "noise", "noise, outputs blended")
SIDE = 40
"""Points per side of the lattice on which solids are compared."""


@cache
def lattice():
    """Return points (SIDE**3, 3) float32 of the model's cube."""
    axis = torch.linspace(-1, 1, SIDE)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


@torch.inference_mode()
def solid(model, latent):
    """Return which points of the lattice are inside a latent's object, (SIDE**3,) bool."""
    return Field(model.decoder, latent).signed_distance(lattice()) > 0


def distance(a, b):
    """Return 1 - IoU of two solids."""
    return 1 - ((a & b).sum() / (a | b).sum().clamp(min=1)).item()


def noise_of(seed, size):
    """Return the starting noise (1, D) float32 of a seed."""
    return torch.randn(1, size, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def sampled(model, noise, denoise):
    """Sample latents (B, D) from starting noise (B, D) with the distilled weights' noise levels."""
    for state in euler(denoise, noise * first_level("distilled"), distilled_sigmas(4)):
        x = state.x
    return x.clamp(-1, 1)


def denoiser(model, conditions):
    """Return the distilled denoiser for conditions (B, K, T)."""
    return guided_denoiser(model.distilled[4].network, Schedule("exp"), "x_start", conditions, 1.0, clamp=False)


def on_sphere(a, b, t):
    """Return the spherical blend of two latents (1, D), whose length goes from one's to the other's.

    Source: Shoemake 1985 (Animating Rotation with Quaternion Curves), section 3.3.
    """
    angle = torch.arccos(torch.nn.functional.cosine_similarity(a, b).clamp(-1, 1))
    direction = (torch.sin((1 - t) * angle) * a / a.norm() + torch.sin(t * angle) * b / b.norm()) / torch.sin(angle)
    return direction * ((1 - t) * a.norm() + t * b.norm())


class Pair:
    """Two objects of prompts and seeds, and what is between them."""

    def __init__(self, model, first, second):
        self.model, size = model, model.prior.config.d_latent
        self.noises = [noise_of(seed, size) for _, seed in (first, second)]
        self.conditions = [model.conditioner.encode_prompt(prompt) for prompt, _ in (first, second)]
        ends = zip(self.noises, self.conditions, strict=True)
        self.ends = [sampled(model, noise, denoiser(model, condition)) for noise, condition in ends]

    def between(self, way, t):
        """Return the latent (D,) float32 at t, from 0 to 1, by one of WAYS."""
        (a, b), (first, second) = self.ends, self.conditions
        if way == "latent":
            return ((1 - t) * a + t * b)[0]
        if way == "latent on the sphere":
            return on_sphere(a, b, t)[0]
        noise = blended(*self.noises, t)
        if way == "noise":
            return sampled(self.model, noise, denoiser(self.model, (1 - t) * first + t * second))[0]
        ours, theirs = denoiser(self.model, first), denoiser(self.model, second)
        return sampled(self.model, noise, lambda x, sigma: (1 - t) * ours(x, sigma) + t * theirs(x, sigma))[0]
