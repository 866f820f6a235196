# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Point-E: its networks, loaded from its checkpoints, and how each is run.

Source: github.com/openai/point-e, commit fc8a607: sampler defaults, and the guidance of its text example.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from ..conditioning.condition import Condition
from ..conditioning.official_models import NothingReader, picture_reader, prompt_reader
from ..device import precision_of
from ..recipe import Recipe
from ..weights.loading.load_network import load_network
from .configs import CHANNEL_BIASES, CHANNEL_SCALES, IMAGE_CELLS, OFFICIAL
from .mesh import CloudReading
from .sampling_stage import Scaling, Stage
from .sdf import CrossAttentionPointCloudSDFModel

SCALING = Scaling(CHANNEL_SCALES, CHANNEL_BIASES, model_from_own=2.0)
COARSE, NEW = 1024, 3072


@dataclass(frozen=True)
class PointE:
    """Networks of the official Point-E on one device; the one for meshes is loaded when first asked for.

    Attributes:
        reader: what a recipe says to the networks.
        sha256: of the coarse network's file.
    """

    reader: Callable[[Recipe], Condition]
    stages: Sequence[Stage]
    device: torch.device
    sha256: str

    scaling = SCALING
    sdf_reading = CloudReading(model_from_own=2.0)

    @cached_property
    def sdf(self) -> CrossAttentionPointCloudSDFModel:
        """The network that turns a cloud into distances.

        Raises:
            MissingWeights, BrokenWeights: its checkpoint is not here, or not whole.
        """
        return network("sdf", self.device, torch.float32)[0]

    @property
    def precision(self) -> torch.dtype:
        """Of the networks that denoise."""
        return precision_of(self.device)

    def read(self, recipe: Recipe) -> Condition:
        """What a recipe says to the networks."""
        return self.reader(recipe)


def network(name: str, device: torch.device, precision: torch.dtype | None = None) -> tuple[nn.Module, str]:
    """(an official network by its checkpoint's name, the file's SHA-256)."""
    class_, size = OFFICIAL[name]
    loaded = load_network(f"point-e/{name}", lambda: class_(size), device)
    return loaded.network.to(precision or precision_of(device)), loaded.sha256


def load_text(device: torch.device) -> PointE:
    """Text to cloud; the upsampler runs without a condition, as in the official text example.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    base, sha256 = network("base40M-textvec", device)
    stages = (coarse_stage(base), fine_stage(unconditioned(network("upsample", device)[0])))
    return PointE(prompt_reader(device), stages, device, sha256)


def load_grid(name: str, device: torch.device) -> PointE:
    """Picture to cloud by a network that sees CLIP's grid; so does the upsampler.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    base, sha256 = network(name, device)
    stages = (coarse_stage(base), fine_stage(network("upsample", device)[0], guidance=None))
    return PointE(picture_reader(device, sees_grid=True), stages, device, sha256)


def load_vector(device: torch.device) -> PointE:
    """Picture to cloud by a network that sees CLIP's one vector; the upsampler runs without a condition.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    base, sha256 = network("base40M-imagevec", device)
    stages = (coarse_stage(base), fine_stage(unconditioned(network("upsample", device)[0])))
    return PointE(picture_reader(device, sees_grid=False), stages, device, sha256)


def load_unconditional(device: torch.device) -> PointE:
    """Anything to cloud.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    base, sha256 = network("base40M-uncond", device)

    def without(x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        return base(x, t)

    stages = (coarse_stage(without, guidance=0.0), fine_stage(unconditioned(network("upsample", device)[0])))
    return PointE(NothingReader(device), stages, device, sha256)


def coarse_stage(run: Callable[..., Tensor], guidance: float | None = None) -> Stage:
    """The first diffusion, of 1,024 points."""
    return Stage("points", run, COARSE, "cosine", "epsilon", 1e-3, 120.0, churn=3.0, guidance=guidance)


def fine_stage(run: Callable[..., Tensor], guidance: float | None = 0.0) -> Stage:
    """The second diffusion, of 3,072 points more."""
    return Stage("upsample", run, NEW, "linear", "epsilon", 1e-3, 160.0, guidance=guidance)


def unconditioned(upsampler: nn.Module) -> Callable[..., Tensor]:
    """The upsampler without a picture: one zero cell counts for all 256, which are equal."""

    def run(x: Tensor, t: Tensor, condition: Tensor, coarse: Tensor) -> Tensor:
        cell = x.new_zeros(len(x), upsampler.config.condition_channels, 1)
        return upsampler(x, t, cell, coarse, condition_copies=IMAGE_CELLS)

    return run
