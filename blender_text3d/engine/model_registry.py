# SPDX-License-Identifier: GPL-3.0-or-later
"""Models by name: how each is loaded, and the pipeline that runs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import torch

from .point_e import official as official_point_e
from .point_e import pipeline as point_e
from .point_e.mini import MiniPointE
from .provenance import LoadedModel
from .recipe import Recipe, StepStream
from .reference import point_e as reference_point_e
from .reference import shap_e as reference_shap_e
from .shap_e import official as official_shap_e
from .shap_e import run as shap_e
from .shap_e.encoding.encode_object import ShapEEncoder
from .shap_e.mini import MiniShapE
from .three_step import chain

Loaded = TypeVar("Loaded", bound=LoadedModel)


@dataclass(frozen=True)
class Model(Generic[Loaded]):
    """A model's loader and pipeline.

    Attributes:
        load: device -> loaded networks.
        run: loaded networks, recipes of one batch -> steps and results.
        needs_all: True if every recipe needs all of the model's checkpoints; else the loaded model checks them.
    """

    load: Callable[[torch.device], Loaded]
    run: Callable[[Loaded, Sequence[Recipe]], StepStream]
    needs_all: bool = True


MODELS: dict[str, Model[Any]] = {
    "mini/shap-e": Model(MiniShapE.load, shap_e.run),
    "mini/point-e": Model(MiniPointE.load, point_e.run),
    "shap-e/text300M": Model(official_shap_e.load_text, shap_e.run),
    "shap-e/image300M": Model(official_shap_e.load_image, shap_e.run),
    "shap-e/encoder": Model(ShapEEncoder.load, shap_e.run),
    "point-e/base40M": Model(partial(official_point_e.load_grid, "base40M"), point_e.run),
    "point-e/base300M": Model(partial(official_point_e.load_grid, "base300M"), point_e.run),
    "point-e/base1B": Model(partial(official_point_e.load_grid, "base1B"), point_e.run),
    "point-e/base40M-imagevec": Model(official_point_e.load_vector, point_e.run),
    "point-e/base40M-textvec": Model(official_point_e.load_text, point_e.run),
    "point-e/base40M-uncond": Model(official_point_e.load_unconditional, point_e.run),
    "reference/point-e-text": Model(reference_point_e.load_text, reference_point_e.run),
    "reference/point-e-image": Model(reference_point_e.load_image, reference_point_e.run),
    "reference/shap-e-text": Model(reference_shap_e.load_text, reference_shap_e.run),
    "reference/shap-e-image": Model(reference_shap_e.load_image, reference_shap_e.run),
}
MODELS |= {
    name: Model(partial(chain.ThreeStep, shape, MODELS[shape]), chain.run, needs_all=False)
    for name, shape in chain.SHAPES.items()
}
