# SPDX-License-Identifier: GPL-3.0-or-later
"""Model names: how each is loaded, and the pipeline that runs it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import torch

from .recipe import Recipe, Result, Step
from .shap_e import pipeline as shap_e
from .shap_e.mini import MiniShapE


class LoadedModel(Protocol):
    """What every loaded model tells of itself."""

    device: torch.device
    sha256: str


@dataclass(frozen=True)
class Model:
    """A model's two ends: device -> networks; networks and recipe -> steps and a result."""

    load: Callable[[torch.device], LoadedModel]
    make: Callable[[LoadedModel, Recipe], Generator[Step, None, Result]]


MODELS = {
    "mini/shap-e": Model(MiniShapE.load, shap_e.make),
}
