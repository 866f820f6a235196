# SPDX-License-Identifier: GPL-3.0-or-later
"""Base of all models with the official Shap-E's latents."""

from collections.abc import Mapping
from typing import ClassVar

import torch

from ..device import precision_of
from .distilled import DistilledPrior


class OfficialModel:
    """A model on one device whose surface is where the official decoder's field is 0, on a plain grid."""

    device: torch.device
    max_value = None
    levels = (0.0,)
    interpolates = False
    distilled: ClassVar[Mapping[int, DistilledPrior]] = {}

    @property
    def precision(self) -> torch.dtype:
        """The dtype of a prior on this device."""
        return precision_of(self.device)
