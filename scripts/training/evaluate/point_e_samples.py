# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples of single stages of the small Point-E: coarse and fine clouds."""

from dataclasses import replace

import torch

from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.point_e.sampling_stage import run_stage
from blender_text3d.engine.recipe import Recipe
from blender_text3d.protocol.models import DEFAULT_QUALITY, MODELS

DEFAULTS = MODELS["mini/point-e"].undistilled[DEFAULT_QUALITY]
STEPS, GUIDANCE = DEFAULTS.steps, DEFAULTS.guidance


def return_value(generator):
    """Return the return value of a generator."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


@torch.inference_mode()
def sampled(model, stage, condition, coarse, seeds, steps=STEPS, guidance=GUIDANCE):
    """Sample one stage: (S, 6, N) in model space and RGB 0..255, of one caption (1, K, T)."""
    recipes = [Recipe("", "mini/point-e", seed, steps, guidance, grid=0) for seed in seeds]
    conditions = condition.expand(len(recipes), -1, -1)
    return return_value(run_stage(stage, model.scaling, conditions, coarse, recipes, Noise(list(seeds))))


def coarse_clouds(model, condition, seeds, steps=STEPS, guidance=GUIDANCE):
    """Sample (S, 6, BASE_POINTS) in model space and RGB 0..255, of one caption."""
    return sampled(model, model.stages[0], condition, None, seeds, steps, guidance)


def fine_clouds(model, condition, coarse, seeds):
    """Sample (S, 6, NEW_POINTS) in model space and RGB 0..255, conditioned on coarse clouds (S, 6, BASE_POINTS)."""
    return sampled(model, model.stages[1], condition, coarse, seeds)


def reconstruct_clouds(model, condition, coarse, blur, seeds, steps=6):
    """Reconstruct coarse clouds (S, 6, BASE_POINTS) with the base from noise of sigma `blur`."""

    def base(x, t, condition, coarse):
        return model.base(x, t, condition)

    stage = replace(model.stages[0], network=base, sigma_max=blur, guidance=1.0, steps=steps, refines=True)
    return sampled(model, stage, condition, coarse, seeds)
