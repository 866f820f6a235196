# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: takes recipes, yields steps, returns results. Models stay loaded between recipes."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

import torch

from .cpu_threads import threads_for
from .cuda_graphs import SWITCH, release_graphs
from .device import device_name, pick_device
from .malloc_tuning import keep_freed_memory
from .model_registry import MODELS
from .provenance import LoadedModel, weights_sha256
from .recipe import IndexedStep, NoSuchStep, Recipe, Result, Step, StepStream
from .surface.simplify import can_simplify, simplified
from .weights.store.required import require_model

__all__ = ["Engine", "LoadedModel", "BrokenBlend", "EmptySurface", "Recipe", "Result", "Step"]

MESH_OUTPUTS = ("mesh", "both")
NO_SIMPLIFIER = (
    "The mesh keeps all its faces: fast_simplification is missing from the worker environment. "
    "Repair it in the preferences."
)


class EmptySurface(Exception):
    """The model produced a field without any surface.

    Attributes:
        prompt, seed: Those of the recipe.
    """

    def __init__(self, prompt: str, seed: int) -> None:
        super().__init__(f"no surface for {prompt!r} with seed {seed}")
        self.prompt, self.seed = prompt, seed

    def __reduce__(self) -> tuple[type["EmptySurface"], tuple[str, int]]:
        return type(self), (self.prompt, self.seed)  # else pickle passes the message as the only argument


class BrokenBlend(Exception):
    """An object between two others is broken; the message says how."""


class Engine:
    """Holds loaded models and runs recipes."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, torch.device], LoadedModel] = {}

    def load(self, model: str, device: str = "auto", *, encodes: bool = False) -> LoadedModel:
        """Return a model on a device; a model that was used before is still in memory.

        Args:
            model: name of the model.
            device: name of the device.
            encodes: True if objects are to be encoded, which takes a file of its own for some models.

        Raises:
            KeyError: no such model. NoSuchDevice: no such device.
            MissingWeights, BrokenWeights: files of the model are missing (all of them are named) or corrupt.
        """
        key = model, pick_device(device)
        if MODELS[model].needs_all and (encodes or key not in self._loaded):
            require_model(model, encodes=encodes)
        if key not in self._loaded:
            self._loaded[key] = MODELS[model].load(key[1])
        return self._loaded[key]

    def generate(self, recipe: Recipe) -> Generator[Step, None, Result]:
        """Run a recipe: yield steps of the stages "load", the model's own, and "mesh"; return the result.

        Raises:
            EmptySurface: the model produced no surface. BrokenBlend: the object is a broken blend. And everything that
                `load` raises.
        """
        for _, step in self.generate_batch([recipe]):
            if step.result is not None:
                return validated(step.result, recipe)
            yield step
        raise AssertionError(f"The pipeline of {recipe.model} ended without a result.")

    def generate_batch(self, recipes: Sequence[Recipe]) -> StepStream:
        """Run recipes as one batch: yield (recipe's index, step), return the results in order.

        The last step of each recipe is "made"; it carries the result as soon as that exists. An object is the same as
        if it ran alone, except for rounding. An object without a surface has a mesh without faces, see `validated`.

        Raises:
            ValueError: the recipes differ in a setting that a batch must share. And everything that `load` raises.
        """
        first = recipes[0]
        if any(batch_key(recipe) != batch_key(first) for recipe in recipes):
            raise ValueError(
                "Recipes of one batch share model, steps, guidance, solver, device and strength, "
                "and all or none have a latent."
            )
        with keep_freed_memory():
            yield from broadcast(Step("load", 0, 1), recipes)
            model = self.load(first.model, first.device, encodes=first.encodes)
            yield from broadcast(Step("load", 1, 1), recipes)
            with threads_for(first.model, model.device):
                run = MODELS[first.model].run
                return (yield from with_graph_notices(attach_results(run(model, recipes), model, recipes)))


def attach_results(steps: StepStream, model: LoadedModel, recipes: Sequence[Recipe]) -> StepStream:
    """Pass a pipeline's steps on, with each recipe's result in a step, simplified and with the model's provenance.

    Results that the pipeline returns without a step of their own get one at the end.
    """
    results: dict[int, Result] = {}
    while True:
        try:
            index, step = next(steps)
        except StopIteration as end:
            missing = [index for index in range(len(end.value)) if index not in results]
            results |= {index: completed(model, recipes[index], end.value[index]) for index in missing}
            yield from ((index, Step("made", 1, 1, result=results[index])) for index in missing)
            return [results[index] for index in range(len(end.value))]
        if step.result is not None:
            results[index] = completed(model, recipes[index], step.result)
            step = replace(step, result=results[index], notice=step.notice or missing_simplifier(recipes[index]))
        yield index, step


def with_graph_notices(steps: StepStream) -> StepStream:
    """Pass steps on; if CUDA graphs are turned off meanwhile, the next step of each recipe says so."""
    told: set[int] = set()
    was_off = SWITCH.notice is not None
    while True:
        try:
            index, step = next(steps)
        except StopIteration as end:
            results: list[Result] = end.value
            return results
        except torch.OutOfMemoryError:
            release_graphs()  # a batch runs again in halves, which need the memory more
            raise
        if SWITCH.notice and not was_off and index not in told:
            told.add(index)
            step = replace(step, notice=" ".join(filter(None, (step.notice, SWITCH.notice))))
        yield index, step


def completed(model: LoadedModel, recipe: Recipe, result: Result) -> Result:
    """Return the result by its face budget, with its provenance and, for a blend, with what is broken in it."""
    result = with_provenance(model, recipe, result)
    if recipe.is_blend and not recipe.step:
        from .blend_check import flaw_of_blend  # only here, since it imports the image tower

        result = replace(result, flaw=flaw_of_blend(recipe, result, lambda other: sampled(model, other)))
    return within_budget(recipe, result)


def within_budget(recipe: Recipe, result: Result) -> Result:
    """Return the result with its mesh simplified to the recipe's face budget, if it is requested and can be."""
    if result.mesh is None or recipe.outputs not in MESH_OUTPUTS or not can_simplify():
        return result
    return replace(result, mesh=simplified(result.mesh, recipe.face_budget))


def sampled(model: LoadedModel, recipe: Recipe) -> Result:
    """Return the result of a recipe without its steps."""
    steps = MODELS[recipe.model].run(model, [recipe])
    while True:
        try:
            next(steps)
        except StopIteration as end:
            (result,) = end.value
            return result


def with_provenance(model: LoadedModel, recipe: Recipe, result: Result) -> Result:
    """Return the result with the hash of its weights and its device."""
    sha256 = weights_sha256(model, recipe)
    return replace(result, weights_sha256=sha256, device=str(model.device), device_name=device_name(model.device))


def missing_simplifier(recipe: Recipe) -> str | None:
    """Return a notice if a mesh should be simplified and the environment lacks the package for it; else None."""
    is_wanted = recipe.face_budget and recipe.outputs in MESH_OUTPUTS
    return NO_SIMPLIFIER if is_wanted and not can_simplify() else None


def validated(result: Result, recipe: Recipe) -> Result:
    """Return the result without a mesh that was not requested.

    Raises:
        EmptySurface: there is no surface. NoSuchStep: the estimate of the recipe's step has none.
        BrokenBlend: it is a blend that is broken.
    """
    if result.mesh is not None and not len(result.mesh.faces):
        if recipe.step:
            raise NoSuchStep(f"Step {recipe.step} has no surface yet. Choose a later step.")
        raise EmptySurface(recipe.prompt, recipe.seed)
    if result.flaw:
        between = f'Between "{recipe.prompt}" and "{recipe.blend_prompt}", at {recipe.blend_strength:g}'
        raise BrokenBlend(f"{between}, the object {result.flaw}.")
    return result if recipe.outputs in MESH_OUTPUTS else replace(result, mesh=None)


def batch_key(recipe: Recipe) -> tuple[object, ...]:
    """Return the settings that all recipes of a batch must share."""
    return (
        recipe.model,
        recipe.steps,
        recipe.guidance,
        recipe.guidance_every,
        recipe.solver,
        recipe.device,
        recipe.latent is None,
        recipe.object is None,
        recipe.vary,
        *(view_key(recipe) if recipe.image_model else ()),
    )


def view_key(recipe: Recipe) -> tuple[object, ...]:
    """Return the settings of the view that all recipes of a batch must share."""
    return (
        recipe.outputs == "view",
        recipe.quality,
        recipe.image_model,
        recipe.image_model_source,
        recipe.candidates,
        recipe.negative_prompt,
        recipe.image_size,
    )


def broadcast(step: Step, recipes: Sequence[Recipe]) -> Iterator[IndexedStep]:
    """Yield the same step for every recipe."""
    return ((index, step) for index in range(len(recipes)))
