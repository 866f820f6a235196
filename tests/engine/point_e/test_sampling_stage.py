# SPDX-License-Identifier: GPL-3.0-or-later
"""One diffusion of a cloud: where its points begin, and what becomes of the coarse ones."""

from dataclasses import replace

import torch

from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.point_e.sampling_stage import Scaling, Stage, run_stage
from blender_text3d.engine.recipe import Recipe

SCALING = Scaling((1.0, 1.0, 1.0, 1 / 127.5, 1 / 127.5, 1 / 127.5), (0.0, 0.0, 0.0, -1.0, -1.0, -1.0), 1.0)
COARSE = torch.tensor([[-0.5, 0.2, 0.1, 255.0, 0.0, 0.0], [0.5, -0.3, 0.4, 0.0, 0.0, 255.0]]).T[None]
RECIPES = [Recipe("", "mini/point-e", 3, 7, 3.0, 32)]


def staying(x, t, condition, coarse=None):
    """What a point is said to be is where it is."""
    return x


STAGE = Stage("points", staying, 12, "linear", "x_start", 1e-3, 0.05, guidance=1.0)


def run(stage, coarse=COARSE):
    """(steps, channels) of a stage."""
    steps, running = [], run_stage(stage, SCALING, torch.zeros(1, 4), coarse, RECIPES, Noise([3]))
    while True:
        try:
            steps.append(next(running)[1])
        except StopIteration as end:
            return steps, end.value


def test_what_the_networks_see_of_channels_is_channels_again():
    torch.testing.assert_close(SCALING.unscale_channels(SCALING.scale_channels(COARSE)), COARSE)


def test_points_that_refine_begin_around_the_coarse_ones_and_take_their_place():
    _, channels = run(replace(STAGE, refines=True))
    assert channels.shape == (1, 6, 12)
    apart = channels.unflatten(2, (2, 6)) - COARSE[..., None]
    assert 0.01 < apart[:, :3].abs().mean() < apart[:, :3].abs().max() < 0.2
    assert apart[:, 3:].abs().max() < 0.2 * 127.5


def test_other_points_begin_anywhere_and_join_the_coarse_ones():
    _, channels = run(replace(STAGE, sigma_max=1.0))
    assert torch.equal(channels[..., :2], COARSE)
    assert channels.shape == (1, 6, 14)
    assert channels[0, :3, 2:].mean(dim=1).abs().max() < 0.5


def test_a_stage_takes_its_own_count_of_steps_before_that_of_the_recipe():
    for stage, count in ((STAGE, 7), (replace(STAGE, steps=4), 4)):
        steps, _ = run(stage)
        assert [(step.index, step.total) for step in steps] == [(index, count) for index in range(count + 1)]
