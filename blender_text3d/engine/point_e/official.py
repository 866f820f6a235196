# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Point-E: its networks, loaded from its checkpoints, and the settings of each.

Source: github.com/openai/point-e, commit fc8a607: sampler defaults, and the guidance of its text example.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..conditioning.condition import Condition
from ..conditioning.official_models import NullConditioner, image_conditioner, text_conditioner
from ..device import precision_of
from ..recipe import Recipe
from ..weights.loading.load_network import load_network
from .configs import CHANNEL_BIASES, CHANNEL_SCALES, IMAGE_CELLS, OFFICIAL
from .mesh import CloudMeshing
from .sampling_stage import Scaling, Stage
from .sdf import CrossAttentionPointCloudSDFModel
from .upsampler import CLIPImageGridUpsamplePointDiffusionTransformer

SCALING = Scaling(CHANNEL_SCALES, CHANNEL_BIASES, model_from_network=2.0)
COARSE_POINTS, FINE_POINTS = 1024, 3072


@dataclass(frozen=True)
class PointE:
    """The official Point-E's networks on one device; the one for meshes is loaded on first use.

    Attributes:
        conditioner: turns a recipe into the networks' condition.
        sha256: hash of the coarse network's file.
    """

    conditioner: Callable[[Recipe], Condition]
    stages: Sequence[Stage]
    device: torch.device
    sha256: str

    scaling = SCALING
    meshing = CloudMeshing(model_from_network=2.0)

    @cached_property
    def sdf(self) -> CrossAttentionPointCloudSDFModel:
        """The network that gives a cloud's signed distance.

        Raises:
            MissingWeights, BrokenWeights: its checkpoint is missing or corrupt.
        """
        return load_official("sdf", self.device, torch.float32)[0]

    @property
    def precision(self) -> torch.dtype:
        """The dtype of the denoising networks."""
        return precision_of(self.device)

    def condition(self, recipe: Recipe) -> Condition:
        """Return the networks' condition for a recipe."""
        return self.conditioner(recipe)


def load_official(name: str, device: torch.device, precision: torch.dtype | None = None) -> tuple[Any, str]:
    """Return (the official network of a checkpoint, the file's SHA-256)."""
    class_, size = OFFICIAL[name]
    loaded = load_network(f"point-e/{name}", lambda: class_(size), device)
    return loaded.network.to(precision or precision_of(device)), loaded.sha256


def load_text(device: torch.device) -> PointE:
    """Load text to cloud; the upsampler runs without a condition, as in the official text example.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    base, sha256 = load_official("base40M-textvec", device)
    stages = (coarse_stage(base), fine_stage(unconditioned(load_official("upsample", device)[0])))
    return PointE(text_conditioner(device), stages, device, sha256)


def load_grid(name: str, device: torch.device) -> PointE:
    """Load image to cloud, conditioned on CLIP's image grid; so is the upsampler.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    base, sha256 = load_official(name, device)
    stages = (coarse_stage(base), fine_stage(load_official("upsample", device)[0], guidance=None))
    return PointE(image_conditioner(device, uses_grid=True), stages, device, sha256)


def load_vector(device: torch.device) -> PointE:
    """Load image to cloud, conditioned on CLIP's image vector; the upsampler runs without a condition.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    base, sha256 = load_official("base40M-imagevec", device)
    stages = (coarse_stage(base), fine_stage(unconditioned(load_official("upsample", device)[0])))
    return PointE(image_conditioner(device, uses_grid=False), stages, device, sha256)


def load_unconditional(device: torch.device) -> PointE:
    """Load the unconditional network.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    base, sha256 = load_official("base40M-uncond", device)

    def run(x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        return base(x, t)

    stages = (coarse_stage(run, guidance=0.0), fine_stage(unconditioned(load_official("upsample", device)[0])))
    return PointE(NullConditioner(device), stages, device, sha256)


def coarse_stage(run: Callable[..., Tensor], guidance: float | None = None) -> Stage:
    """Return the first diffusion, of 1,024 points."""
    return Stage("points", run, COARSE_POINTS, "cosine", "epsilon", 1e-3, 120.0, churn=3.0, guidance=guidance)


def fine_stage(run: Callable[..., Tensor], guidance: float | None = 0.0) -> Stage:
    """Return the second diffusion, of 3,072 more points."""
    return Stage("upsample", run, FINE_POINTS, "linear", "epsilon", 1e-3, 160.0, guidance=guidance)


def unconditioned(upsampler: CLIPImageGridUpsamplePointDiffusionTransformer) -> Callable[..., Tensor]:
    """Return the upsampler without an image: one zero cell represents all 256 equal ones."""

    def run(x: Tensor, t: Tensor, condition: Tensor, coarse: Tensor) -> Tensor:
        cell = x.new_zeros(len(x), upsampler.config.condition_channels, 1)
        return upsampler(x, t, cell, coarse, condition_copies=IMAGE_CELLS)

    return run
