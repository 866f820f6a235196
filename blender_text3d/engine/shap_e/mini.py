# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Shap-E that ships with the add-on: how it is loaded and conditioned."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from ..conditioning.condition import Condition
from ..conditioning.mini_models import CaptionConditioner, caption_conditioner
from ..mini.files import DISTILLED_SHAP_E_WEIGHTS, DRAFT_SHAP_E_WEIGHTS, SHAP_E_WEIGHTS
from ..recipe import Recipe, Step
from ..weights.loading.assign import empty_network
from ..weights.loading.load_tensors import file_sha256, load_float32, load_prefixed
from .configs import MINI_DECODER, MINI_PRIOR
from .decoder import VectorDecoder
from .distilled import DistilledPrior, load_distilled, load_draft
from .encoding.encode_object import encode_mini
from .prior import SplitVectorDiffusion

MODEL = "mini/shap-e"
PRIOR = "prior."


@dataclass(frozen=True)
class MiniShapE:
    """The small Shap-E's networks on one device."""

    conditioner: CaptionConditioner
    prior: SplitVectorDiffusion
    distilled: Mapping[int, DistilledPrior]
    decoder: VectorDecoder
    device: torch.device
    sha256: str

    max_value = 1.0
    precision = torch.float32
    levels = (0.0, -0.2, -0.4)
    interpolates = True

    @classmethod
    def load(cls, device: torch.device) -> "MiniShapE":
        """Load the shipped files.

        Raises:
            BrokenWeights: a file is missing, corrupt or of another version.
        """
        tensors = load_float32(SHAP_E_WEIGHTS)
        prior = load_prefixed(empty_network(lambda: SplitVectorDiffusion(MINI_PRIOR)), tensors, PRIOR, device)
        prior_tensors = {name.removeprefix(PRIOR): t for name, t in tensors.items() if name.startswith(PRIOR)}
        whole = load_distilled(DISTILLED_SHAP_E_WEIGHTS, MINI_PRIOR, prior_tensors, device)
        distilled = {4: whole, 2: load_draft(DRAFT_SHAP_E_WEIGHTS, MINI_PRIOR, whole, device)}
        decoder = load_prefixed(VectorDecoder(MINI_DECODER), tensors, "decoder.", device)
        return cls(caption_conditioner(device, MODEL), prior, distilled, decoder, device, file_sha256(SHAP_E_WEIGHTS))

    def encode(self, recipe: Recipe, path: Path) -> Generator[Step, None, torch.Tensor]:
        """Encode an object file: yield steps, return the latent (D,) float32.

        Raises:
            BadObject: the object cannot be encoded. BrokenWeights: the shipped file is corrupt.
        """
        return encode_mini(recipe, path, self.device)

    def condition(self, recipe: Recipe) -> Condition:
        """Return the prior's condition for a recipe.

        Raises:
            BadImage: the image cannot be used. BrokenWeights: the image tower's file is corrupt.
        """
        return self.conditioner(recipe)
