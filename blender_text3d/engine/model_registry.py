# SPDX-License-Identifier: GPL-3.0-or-later
"""Models by name: how each is loaded, and the pipeline that runs it. The modules of a model are imported with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import torch

from .provenance import LoadedModel
from .recipe import Recipe, StepStream
from .three_step.shapes import SHAPES


@dataclass(frozen=True)
class Model:
    """A model's loader and pipeline, each as a module of this folder and a name in it, such as "shap_e.run:run".

    Attributes:
        loader: device -> loaded networks.
        pipeline: loaded networks, recipes of one batch -> steps and results.
        variant: the loader's first argument, if it loads several models.
        shape: name of the model that makes the object of a view, or "".
        needs_all: True if every recipe needs all of the model's checkpoints; else the loaded model checks them.
    """

    loader: str
    pipeline: str
    variant: str = ""
    shape: str = ""
    needs_all: bool = True

    def load(self, device: torch.device) -> LoadedModel:
        """Return the networks on a device; the pipeline is imported, too."""
        attribute(self.pipeline)
        load = attribute(self.loader)
        if self.shape:
            load = partial(load, self.shape, MODELS[self.shape])
        loaded: LoadedModel = load(self.variant, device) if self.variant else load(device)
        return loaded

    def run(self, model: Any, recipes: Sequence[Recipe]) -> StepStream:
        """Return steps and results of recipes of one batch."""
        steps: StepStream = attribute(self.pipeline)(model, recipes)
        return steps


def attribute(place: str) -> Any:
    """Import a module of this folder, such as "shap_e.mini:MiniShapE.load", and return what is named in it."""
    module, _, path = place.partition(":")
    found: Any = import_module(f".{module}", __package__)
    for name in path.split("."):
        found = getattr(found, name)
    return found


POINT_E, SHAP_E, CHAIN = "point_e.pipeline:run", "shap_e.run:run", "three_step.chain:run"
REFERENCE_POINT_E, REFERENCE_SHAP_E = "reference.point_e:run", "reference.shap_e:run"

MODELS: dict[str, Model] = {
    "mini/shap-e": Model("shap_e.mini:MiniShapE.load", SHAP_E),
    "mini/point-e": Model("point_e.mini:MiniPointE.load", POINT_E),
    "shap-e/text300M": Model("shap_e.official:load_text", SHAP_E),
    "shap-e/image300M": Model("shap_e.official:load_image", SHAP_E),
    "shap-e/encoder": Model("shap_e.encoding.encode_object:ShapEEncoder.load", SHAP_E),
    "point-e/base40M": Model("point_e.official:load_grid", POINT_E, variant="base40M"),
    "point-e/base300M": Model("point_e.official:load_grid", POINT_E, variant="base300M"),
    "point-e/base1B": Model("point_e.official:load_grid", POINT_E, variant="base1B"),
    "point-e/base40M-imagevec": Model("point_e.official:load_vector", POINT_E),
    "point-e/base40M-textvec": Model("point_e.official:load_text", POINT_E),
    "point-e/base40M-uncond": Model("point_e.official:load_unconditional", POINT_E),
    "reference/point-e-text": Model("reference.point_e:load_text", REFERENCE_POINT_E),
    "reference/point-e-image": Model("reference.point_e:load_image", REFERENCE_POINT_E),
    "reference/shap-e-text": Model("reference.shap_e:load_text", REFERENCE_SHAP_E),
    "reference/shap-e-image": Model("reference.shap_e:load_image", REFERENCE_SHAP_E),
}
MODELS |= {
    name: Model("three_step.chain:ThreeStep", CHAIN, shape=shape, needs_all=False) for name, shape in SHAPES.items()
}
