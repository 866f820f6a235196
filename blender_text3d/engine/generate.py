# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's door: a recipe in, steps out, a result at the end. Models stay loaded between recipes."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

import torch

from .device import device_name, pick_device
from .malloc_tuning import keep_freed_memory
from .model_registry import MODELS, LoadedModel
from .recipe import IndexedStep, Recipe, Result, Step, StepStream
from .weights.store.required import need_model

__all__ = ["Engine", "LoadedModel", "EmptySurface", "Recipe", "Result", "Step"]


class EmptySurface(Exception):
    """The model put out an empty field: no surface anywhere."""


class Engine:
    """Holds loaded models and runs recipes."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, torch.device], LoadedModel] = {}

    def load(self, model: str, device: str = "auto") -> LoadedModel:
        """A model on a device, from memory where it was used before.

        Raises:
            KeyError: no such model. NoSuchDevice: no such device.
            MissingWeights, BrokenWeights: the model's files are not here, all of them named, or not whole.
        """
        where = pick_device(device)
        if (model, where) not in self._loaded:
            need_model(model)
            self._loaded[model, where] = MODELS[model].load(where)
        return self._loaded[model, where]

    def generate(self, recipe: Recipe) -> Generator[Step, None, Result]:
        """Runs a recipe: yields steps of the stages "load", the model's own, and "mesh"; returns the result.

        Raises:
            EmptySurface: no surface came out. And all that `load` raises.
        """
        for _, step in self.generate_batch([recipe]):
            if step.result is not None:
                return validated(step.result, recipe)
            yield step

    def generate_batch(self, recipes: Sequence[Recipe]) -> StepStream:
        """Runs recipes as one batch: yields (which, step), returns the results in order.

        The last step of each is "made" and carries its result, as soon as that is there. An object is the same as alone
        but for rounding; one that came out empty has a mesh without faces, see `checked`.

        Raises:
            ValueError: they differ in what a batch must share. And all that `load` raises.
        """
        first = recipes[0]
        if any(batch_key(recipe) != batch_key(first) for recipe in recipes):
            raise ValueError(
                "Recipes of one batch share model, steps, guidance, solver, device, and all or none have a latent."
            )
        with keep_freed_memory():
            yield from broadcast(Step("load", 0, 1), recipes)
            model = self.load(first.model, first.device)
            yield from broadcast(Step("load", 1, 1), recipes)
            return (yield from attach_results(MODELS[first.model].make(model, recipes), model))


def attach_results(making: StepStream, model: LoadedModel) -> StepStream:
    """A pipeline's news with each result among it, at the latest at the end, and signed by the model."""
    signed = {}
    while True:
        try:
            which, step = next(making)
        except StopIteration as end:
            late = [which for which in range(len(end.value)) if which not in signed]
            signed |= {which: with_provenance(model, end.value[which]) for which in late}
            yield from ((which, Step("made", 1, 1, result=signed[which])) for which in late)
            return [signed[which] for which in range(len(end.value))]
        if step.result is not None:
            signed[which] = with_provenance(model, step.result)
            step = replace(step, result=signed[which])
        yield which, step


def with_provenance(model: LoadedModel, result: Result) -> Result:
    """The result, saying which weights made it where."""
    return replace(result, weights_sha256=model.sha256, device=str(model.device), device_name=device_name(model.device))


def validated(result: Result, recipe: Recipe) -> Result:
    """The result without a mesh that nobody asked for.

    Raises:
        EmptySurface: there is no surface.
    """
    if result.mesh is not None and not len(result.mesh.faces):
        raise EmptySurface(f"Nothing came out for '{recipe.prompt}' with seed {recipe.seed}; try another seed.")
    return result if recipe.outputs in ("mesh", "both") else replace(result, mesh=None)


def batch_key(recipe: Recipe) -> tuple:
    """What all recipes of a batch must have in common."""
    return recipe.model, recipe.steps, recipe.guidance, recipe.solver, recipe.device, recipe.latent is None


def broadcast(step: Step, recipes: Sequence[Recipe]) -> Iterator[IndexedStep]:
    """The same step for every recipe."""
    return ((which, step) for which in range(len(recipes)))
