# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's door: a recipe in, steps out, a result at the end. Models stay loaded between recipes."""

from collections.abc import Generator

import torch

from .device import device_name, pick_device
from .recipe import Recipe, Result, Step
from .shap_e.mini import MiniShapE
from .shap_e.pipeline import cloud_of, mesh_of, sample_latent

__all__ = ["Engine", "NothingMade", "Recipe", "Result", "Step"]

LOADERS = {"mini/shap-e": MiniShapE.load}


class NothingMade(Exception):
    """The model put out an empty field: no surface anywhere."""


class Engine:
    """Holds loaded models and runs recipes."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, torch.device], MiniShapE] = {}

    def load(self, model: str, device: str = "auto") -> MiniShapE:
        """A model on a device, from memory where it was used before.

        Raises:
            KeyError: no such model. NoSuchDevice: no such device. BrokenWeights: the model's files are not whole.
        """
        where = pick_device(device)
        if (model, where) not in self._loaded:
            self._loaded[model, where] = LOADERS[model](where)
        return self._loaded[model, where]

    def generate(self, recipe: Recipe) -> Generator[Step, None, Result]:
        """Runs a recipe: yields steps of the stages "load", "sample" and "mesh", returns the result.

        Raises:
            NothingMade: no surface came out. And all that `load` raises.
        """
        yield Step("load", 0, 1)
        model = self.load(recipe.model, recipe.device)
        yield Step("load", 1, 1)
        latent = yield from sample_latent(model, recipe)
        yield Step("mesh", 0, 1)
        mesh = mesh_of(model, latent, recipe.grid)
        if not len(mesh.faces):
            raise NothingMade(f"Nothing came out for '{recipe.prompt}' with seed {recipe.seed}; try another seed.")
        cloud = cloud_of(model, latent, mesh, recipe.seed) if recipe.outputs in ("cloud", "both") else None
        yield Step("mesh", 1, 1, geometry=mesh)
        return Result(
            mesh=mesh if recipe.outputs in ("mesh", "both") else None,
            cloud=cloud,
            latent=latent.cpu().numpy(),
            weights_sha256=model.sha256,
            device=str(model.device),
            device_name=device_name(model.device),
        )
