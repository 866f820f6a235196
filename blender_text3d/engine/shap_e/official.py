# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Shap-E: how its networks are loaded from its checkpoints."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..conditioning.condition import Condition
from ..conditioning.official_models import image_conditioner, text_conditioner
from ..device import precision_of
from ..recipe import Recipe, Step
from ..weights.loading.load_network import load_network
from .configs import OFFICIAL_DECODER, OFFICIAL_IMAGE_PRIOR, OFFICIAL_TEXT_PRIOR
from .decoder import VectorDecoder
from .encoding.encode_object import ShapEEncoder
from .official_model import OfficialModel
from .prior import PriorConfig, SplitVectorDiffusion


@dataclass(frozen=True)
class ShapE(OfficialModel):
    """The official Shap-E's networks on one device.

    Attributes:
        conditioner: turns a recipe into the prior's condition.
        sha256: hash of the prior's file.
    """

    conditioner: Callable[[Recipe], Condition]
    prior: SplitVectorDiffusion
    decoder: VectorDecoder
    device: torch.device
    sha256: str

    def encode(self, recipe: Recipe, path: Path) -> Generator[Step, None, Tensor]:
        """Encode an object file with the official encoder, which is in memory only meanwhile; see `ShapEEncoder`."""
        return (yield from ShapEEncoder.load(self.device).encode(recipe, path))

    def condition(self, recipe: Recipe) -> Condition:
        """Return the prior's condition for a recipe."""
        return self.conditioner(recipe)


def load_text(device: torch.device) -> ShapE:
    """Load text to latent, and the decoder.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    return load("shap-e/text300M", OFFICIAL_TEXT_PRIOR, text_conditioner(device), device)


def load_image(device: torch.device) -> ShapE:
    """Load image to latent, and the decoder.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    return load("shap-e/image300M", OFFICIAL_IMAGE_PRIOR, image_conditioner(device, uses_grid=True), device)


def load(name: str, size: PriorConfig, reader: Callable[[Recipe], Condition], device: torch.device) -> ShapE:
    """Load a prior by its checkpoint's name, with the decoder that all priors share."""
    prior = load_network(name, lambda: SplitVectorDiffusion(size), device)
    decoder = load_network("shap-e/decoder", lambda: VectorDecoder(OFFICIAL_DECODER), device)
    return ShapE(reader, prior.network.to(precision_of(device)), decoder.network, device, prior.sha256)
