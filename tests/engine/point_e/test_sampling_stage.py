# SPDX-License-Identifier: GPL-3.0-or-later
"""One diffusion of a cloud: its starting points, and the coarse points afterwards."""

from dataclasses import replace

import torch

from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.point_e.sampling_stage import Scaling, Stage, run_stage
from blender_text3d.engine.recipe import Recipe

SCALING = Scaling((1.0, 1.0, 1.0, 1 / 127.5, 1 / 127.5, 1 / 127.5), (0.0, 0.0, 0.0, -1.0, -1.0, -1.0), 1.0)
COARSE = torch.tensor([[-0.5, 0.2, 0.1, 255.0, 0.0, 0.0], [0.5, -0.3, 0.4, 0.0, 0.0, 255.0]]).T[None]
RECIPES = [Recipe("", "mini/point-e", 3, 7, 3.0, 32)]


def identity(x, t, condition, coarse=None):
    """A network that predicts each point at its current position."""
    return x


STAGE = Stage("points", identity, 12, "linear", "x_start", 1e-3, 0.05, guidance=1.0)


def run(stage, coarse=COARSE):
    """(steps, channels) of a stage."""
    steps, running = [], run_stage(stage, SCALING, torch.zeros(1, 4), coarse, RECIPES, Noise([3]))
    while True:
        try:
            steps.append(next(running)[1])
        except StopIteration as end:
            return steps, end.value


def test_unscaling_undoes_scaling():
    torch.testing.assert_close(SCALING.unscale_channels(SCALING.scale_channels(COARSE)), COARSE)


def test_refining_points_start_around_the_coarse_ones_and_replace_them():
    _, channels = run(replace(STAGE, refines=True))
    assert channels.shape == (1, 6, 12)
    apart = channels.unflatten(2, (2, 6)) - COARSE[..., None]
    assert 0.01 < apart[:, :3].abs().mean() < apart[:, :3].abs().max() < 0.2
    assert apart[:, 3:].abs().max() < 0.2 * 127.5


def test_other_points_start_anywhere_and_are_added_to_the_coarse_ones():
    _, channels = run(replace(STAGE, sigma_max=1.0))
    assert torch.equal(channels[..., :2], COARSE)
    assert channels.shape == (1, 6, 14)
    assert channels[0, :3, 2:].mean(dim=1).abs().max() < 0.5


def test_a_stage_s_own_number_of_steps_overrides_the_recipe_s():
    for stage, count in ((STAGE, 7), (replace(STAGE, steps=4), 4)):
        steps, _ = run(stage)
        assert [(step.index, step.total) for step in steps] == [(index, count) for index in range(count + 1)]
