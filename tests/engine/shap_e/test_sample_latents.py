# SPDX-License-Identifier: GPL-3.0-or-later
"""Sampled latents, with a prior whose answer is known."""

from types import SimpleNamespace

import pytest
import torch

from blender_text3d.engine.conditioning.condition import Condition
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.shap_e.pipeline import sample_latents

SIZE = 8
BEYOND = 5.0
"""Guidance 3 from -1 without the prompt to 1 with it."""


class Prior:
    """Answers 1 where there is a condition and -1 elsewhere."""

    config = SimpleNamespace(d_latent=SIZE)

    def __call__(self, x, timesteps, condition):
        return torch.where(condition.any(dim=1, keepdim=True), 1.0, -1.0).expand(-1, SIZE)


def sampled(max_value):
    model = SimpleNamespace(
        prior=Prior(),
        device=torch.device("cpu"),
        precision=torch.float32,
        levels=(0.0,),
        max_value=max_value,
        condition=lambda recipe: Condition(torch.ones(1, 4)),
    )
    steps = sample_latents(model, [Recipe("a red chair", "mini/shap-e", seed=1, steps=2, guidance=3.0, grid=32)])
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize(("max_value", "expected"), [(None, BEYOND), (1.0, 1.0)])
def test_a_latent_that_guidance_drives_too_far_is_clamped_to_the_models_range(max_value, expected):
    torch.testing.assert_close(sampled(max_value), torch.full((1, SIZE), expected))
