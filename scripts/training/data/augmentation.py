# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clouds with the errors of the small Point-E, as training input of the stages that follow."""

import math
from dataclasses import replace

import torch

from blender_text3d.engine.point_e.grouped_transformer import GroupedBase, GroupedUpsampler
from blender_text3d.engine.point_e.mini import MINI_BASE, MINI_UPSAMPLER, MiniPointE

from ..evaluate.point_e_samples import fine_clouds, reconstruct_clouds
from ..train.loop import average_of

MIN_BLUR, MAX_BLUR = 0.05, 0.5
"""Noise levels from which the base reconstructs real clouds; a higher level would change the shape."""
STEPS = 4


def load_stages(base=None, upsampler=None):
    """Load the included model, with the running averages of checkpoints in place of its base and upsampler."""
    changes = {}
    for name, network, checkpoint in (
        ("base", GroupedBase(MINI_BASE), base),
        ("upsampler", GroupedUpsampler(MINI_UPSAMPLER), upsampler),
    ):
        if checkpoint:
            network.load_state_dict(average_of(checkpoint, name))
            changes[name] = network.eval()
    return replace(MiniPointE.load(torch.device("cpu")), **changes)


def reconstruct_coarse(model, condition, placed):
    """Reconstruct noised coarse clouds (B, 6, BASE_POINTS) float32 with the base."""
    blur = math.exp(math.log(MIN_BLUR) + float(torch.rand(())) * math.log(MAX_BLUR / MIN_BLUR))
    return reconstruct_clouds(model, condition, placed, blur, random_seeds(placed), STEPS).clone()


def reconstruct_fine(model, condition, placed):
    """Reconstruct coarse clouds and upsample them: (B, 6, NEW_POINTS) float32."""
    coarse = reconstruct_coarse(model, condition, placed)
    return fine_clouds(model, condition, coarse, random_seeds(placed)).clone()


def random_seeds(clouds):
    """Return a random seed per cloud."""
    return torch.randint(2**31, (len(clouds),)).tolist()
