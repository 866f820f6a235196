# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clouds with the flaws of the small Point-E's own: what comes after a stage learns from what that stage makes."""

import math
from dataclasses import replace

import torch

from blender_text3d.engine.point_e.grouped_transformer import GroupedBase, GroupedUpsampler
from blender_text3d.engine.point_e.mini import MINI_BASE, MINI_UPSAMPLER, MiniPointE

from ..evaluate.point_e_samples import fine_clouds, made_again
from ..train.loop import average_of

MIN_BLUR, MAX_BLUR = 0.05, 0.5
"""Noise under which the base is given real clouds. Its own flaws come back at any; at more, the shape changes too."""
STEPS = 4


def makers(base=None, upsampler=None):
    """The shipped model, with the running averages of checkpoints in place of its base and upsampler."""
    changes = {}
    for name, network, checkpoint in (
        ("base", GroupedBase(MINI_BASE), base),
        ("upsampler", GroupedUpsampler(MINI_UPSAMPLER), upsampler),
    ):
        if checkpoint:
            network.load_state_dict(average_of(checkpoint, name))
            changes[name] = network.eval()
    return replace(MiniPointE.load(torch.device("cpu")), **changes)


def remade_coarse(model, condition, placed):
    """Coarse clouds (B, 6, BASE_POINTS), blurred and taken back by the base."""
    blur = math.exp(math.log(MIN_BLUR) + float(torch.rand(())) * math.log(MAX_BLUR / MIN_BLUR))
    return made_again(model, condition, placed, blur, new_seeds(placed), STEPS).clone()


def remade_fine(model, condition, placed):
    """The same, and the points that the upsampler makes around them: (B, 6, NEW_POINTS)."""
    coarse = remade_coarse(model, condition, placed)
    return fine_clouds(model, condition, coarse, new_seeds(placed)).clone()


def new_seeds(clouds):
    """A seed for each cloud."""
    return torch.randint(2**31, (len(clouds),)).tolist()
