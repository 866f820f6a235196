# SPDX-License-Identifier: GPL-3.0-or-later
"""Model names: how each is loaded, and the pipeline that runs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch

from .point_e import official as official_point_e
from .point_e import pipeline as point_e
from .point_e.mini import MiniPointE
from .recipe import Recipe, StepStream
from .reference import point_e as reference_point_e
from .reference import shap_e as reference_shap_e
from .shap_e import official as official_shap_e
from .shap_e import run as shap_e
from .shap_e.mini import MiniShapE


class LoadedModel(Protocol):
    """What every loaded model tells of itself."""

    device: torch.device
    sha256: str


@dataclass(frozen=True)
class Model:
    """A model's two ends: device -> networks; networks and recipes -> steps and results."""

    load: Callable[[torch.device], LoadedModel]
    make: Callable[[LoadedModel, Sequence[Recipe]], StepStream]


MODELS = {
    "mini/shap-e": Model(MiniShapE.load, shap_e.make),
    "mini/point-e": Model(MiniPointE.load, point_e.make),
    "shap-e/text300M": Model(official_shap_e.load_text, shap_e.make),
    "shap-e/image300M": Model(official_shap_e.load_image, shap_e.make),
    "point-e/base40M": Model(partial(official_point_e.load_grid, "base40M"), point_e.make),
    "point-e/base300M": Model(partial(official_point_e.load_grid, "base300M"), point_e.make),
    "point-e/base1B": Model(partial(official_point_e.load_grid, "base1B"), point_e.make),
    "point-e/base40M-imagevec": Model(official_point_e.load_vector, point_e.make),
    "point-e/base40M-textvec": Model(official_point_e.load_text, point_e.make),
    "point-e/base40M-uncond": Model(official_point_e.load_unconditional, point_e.make),
    "reference/point-e-text": Model(reference_point_e.load_text, reference_point_e.make),
    "reference/point-e-image": Model(reference_point_e.load_image, reference_point_e.make),
    "reference/shap-e-text": Model(reference_shap_e.load_text, reference_shap_e.make),
    "reference/shap-e-image": Model(reference_shap_e.load_image, reference_shap_e.make),
}
