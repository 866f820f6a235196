# SPDX-License-Identifier: GPL-3.0-or-later
"""The estimates of the latents after each step, collected while a batch samples."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..diffusion.solvers import SolverState
from ..recipe import Recipe, require_step


class StepLatents:
    """The estimates of a running batch; nothing is copied from the device before they are asked for.

    Args:
        recipes: recipes of the batch; without one that wants steps, none are collected.
        max_value: largest absolute value in a latent, or None if unbounded.
    """

    def __init__(self, recipes: Sequence[Recipe], max_value: float | None = None) -> None:
        self._recipes, self._max_value = recipes, max_value
        self._is_wanted = any(recipe.keep_steps or recipe.step for recipe in recipes)
        self._steps: list[Tensor] = []

    def add(self, state: SolverState) -> None:
        """Collect a step's estimate; the first step of a run that replaces a diverged one drops that one's."""
        if state.index == 0:
            self._steps.clear()
        if self._is_wanted:
            bound = self._max_value
            self._steps.append((state.denoised if bound is None else state.denoised.clamp(-bound, bound)).half())

    def of(self, index: int) -> np.ndarray | None:
        """Return (S, D) float16, the estimates of one recipe if it keeps them."""
        if not self._recipes[index].keep_steps or not self._steps:
            return None
        return torch.stack([step[index] for step in self._steps]).cpu().numpy()

    def chosen(self, latents: Tensor) -> Tensor:
        """Return the final latents (B, D) float32, in place of which recipes with a step have that step's estimate.

        Raises:
            NoSuchStep: the run had fewer steps.
        """
        chosen = []
        for index, (recipe, latent) in enumerate(zip(self._recipes, latents, strict=True)):
            require_step(recipe.step, len(self._steps))
            chosen.append(self._steps[recipe.step - 1][index].to(latent.dtype) if recipe.step else latent)
        return torch.stack(chosen)
