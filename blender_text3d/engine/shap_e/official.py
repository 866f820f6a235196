# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Shap-E: its networks, loaded from its checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..condition import Condition
from ..readers import prompt_reader
from ..recipe import Recipe
from ..weights.network import load_network
from .configs import OFFICIAL_DECODER, OFFICIAL_TEXT_PRIOR
from .decoder import VectorDecoder
from .prior import SplitVectorDiffusion


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

    def read(self, recipe: Recipe) -> Condition:
        """What a recipe says to the prior."""
        return self.reader(recipe)


def load_text(device: torch.device) -> ShapE:
    """Text to latent, and the decoder.

    Raises:
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    prior = load_network("shap-e/text300M", lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR), device)
    decoder = load_network("shap-e/decoder", lambda: VectorDecoder(OFFICIAL_DECODER), device)
    return ShapE(prompt_reader(device), prior.network, decoder.network, device, prior.sha256)
