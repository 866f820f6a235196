# SPDX-License-Identifier: GPL-3.0-or-later
"""Model names: how each is loaded, and the pipeline that runs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from .recipe import Making, Recipe
from .shap_e import pipeline as shap_e
from .shap_e.mini import MiniShapE


class LoadedModel(Protocol):
    """What every loaded model tells of itself."""

    device: torch.device
    sha256: str


@dataclass(frozen=True)
class Model:
    """A model's two ends: device -> networks; networks and recipes -> steps and results."""

    load: Callable[[torch.device], LoadedModel]
    make: Callable[[LoadedModel, Sequence[Recipe]], Making]


MODELS = {
    "mini/shap-e": Model(MiniShapE.load, shap_e.make),
}
