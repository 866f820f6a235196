# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's door: a recipe in, steps out, a result at the end. Models stay loaded between recipes."""

from collections.abc import Generator
from dataclasses import replace

import torch

from .device import device_name, pick_device
from .models import MODELS, LoadedModel
from .recipe import Recipe, Result, Step

__all__ = ["Engine", "LoadedModel", "NothingMade", "Recipe", "Result", "Step"]


class NothingMade(Exception):
    """The model put out an empty field: no surface anywhere."""


class Engine:
    """Holds loaded models and runs recipes."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, torch.device], LoadedModel] = {}

    def load(self, model: str, device: str = "auto") -> LoadedModel:
        """A model on a device, from memory where it was used before.

        Raises:
            KeyError: no such model. NoSuchDevice: no such device. BrokenWeights: the model's files are not whole.
        """
        where = pick_device(device)
        if (model, where) not in self._loaded:
            self._loaded[model, where] = MODELS[model].load(where)
        return self._loaded[model, where]

    def generate(self, recipe: Recipe) -> Generator[Step, None, Result]:
        """Runs a recipe: yields steps of the stages "load", the model's own, and "mesh"; returns the result.

        Raises:
            NothingMade: no surface came out. And all that `load` raises.
        """
        yield Step("load", 0, 1)
        model = self.load(recipe.model, recipe.device)
        yield Step("load", 1, 1)
        result = yield from MODELS[recipe.model].make(model, recipe)
        if result.mesh is not None and not len(result.mesh.faces):
            raise NothingMade(f"Nothing came out for '{recipe.prompt}' with seed {recipe.seed}; try another seed.")
        return replace(
            result,
            mesh=result.mesh if recipe.outputs in ("mesh", "both") else None,
            weights_sha256=model.sha256,
            device=str(model.device),
            device_name=device_name(model.device),
        )
