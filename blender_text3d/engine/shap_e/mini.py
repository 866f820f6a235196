# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Shap-E that ships with the add-on: its networks, loaded."""

from dataclasses import dataclass

import torch

from ..conditioning.condition import Condition
from ..conditioning.small_models import CaptionReader, caption_reader
from ..mini.files import SHAP_E_WEIGHTS
from ..recipe import Recipe
from ..weights.loading.load_tensors import fill, sha256_of, tensors_of
from .configs import MINI_DECODER, MINI_PRIOR
from .decoder import VectorDecoder
from .prior import SplitVectorDiffusion


@dataclass(frozen=True)
class MiniShapE:
    """Networks of the small Shap-E on one device."""

    reader: CaptionReader
    prior: SplitVectorDiffusion
    decoder: VectorDecoder
    device: torch.device
    sha256: str

    limit = 1.0
    precision = torch.float32
    levels = (0.0, -0.2, -0.4)

    @classmethod
    def load(cls, device: torch.device) -> "MiniShapE":
        """Reads the shipped files.

        Raises:
            BrokenWeights: a file is missing, damaged or of another version.
        """
        tensors = tensors_of(SHAP_E_WEIGHTS)
        networks = (("prior.", SplitVectorDiffusion(MINI_PRIOR)), ("decoder.", VectorDecoder(MINI_DECODER)))
        prior, decoder = (fill(network, tensors, prefix, device) for prefix, network in networks)
        return cls(caption_reader(device), prior, decoder, device, sha256_of(SHAP_E_WEIGHTS))

    def read(self, recipe: Recipe) -> Condition:
        """What a recipe says to the prior.

        Raises:
            BadImage: the picture cannot be used. BrokenWeights: the image tower's file is not whole.
        """
        return self.reader(recipe)
