# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Shap-E: its networks, loaded from its checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..conditioning.condition import Condition
from ..conditioning.official_models import picture_reader, prompt_reader
from ..device import precision_of
from ..recipe import Recipe
from ..weights.loading.load_network import load_network
from .configs import OFFICIAL_DECODER, OFFICIAL_IMAGE_PRIOR, OFFICIAL_TEXT_PRIOR
from .decoder import VectorDecoder
from .prior import PriorConfig, SplitVectorDiffusion


@dataclass(frozen=True)
class ShapE:
    """Networks of the official Shap-E on one device.

    Attributes:
        reader: what a recipe says to the prior.
        sha256: of the prior's file.
    """

    reader: Callable[[Recipe], Condition]
    prior: SplitVectorDiffusion
    decoder: VectorDecoder
    device: torch.device
    sha256: str

    limit = None
    levels = (0.0,)

    @property
    def precision(self) -> torch.dtype:
        """Of the prior."""
        return precision_of(self.device)

    def read(self, recipe: Recipe) -> Condition:
        """What a recipe says to the prior."""
        return self.reader(recipe)


def load_text(device: torch.device) -> ShapE:
    """Text to latent, and the decoder.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    return loaded("shap-e/text300M", OFFICIAL_TEXT_PRIOR, prompt_reader(device), device)


def load_image(device: torch.device) -> ShapE:
    """Picture to latent, and the decoder.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    return loaded("shap-e/image300M", OFFICIAL_IMAGE_PRIOR, picture_reader(device, sees_grid=True), device)


def loaded(name: str, size: PriorConfig, reader: Callable[[Recipe], Condition], device: torch.device) -> ShapE:
    """A prior by its checkpoint's name, with the decoder that all share."""
    prior = load_network(name, lambda: SplitVectorDiffusion(size), device)
    decoder = load_network("shap-e/decoder", lambda: VectorDecoder(OFFICIAL_DECODER), device)
    return ShapE(reader, prior.network.to(precision_of(device)), decoder.network, device, prior.sha256)
