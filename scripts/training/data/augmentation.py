# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clouds with the errors of the small Point-E, as training input of the stages that follow."""

import math
from dataclasses import replace

import torch

from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.mini.files import POINT_E_WEIGHTS
from blender_text3d.engine.point_e.grouped_transformer import GroupedBase, GroupedUpsampler
from blender_text3d.engine.point_e.mini import MINI_BASE, MINI_SDF, MINI_UPSAMPLER, MiniPointE
from blender_text3d.engine.point_e.voxel_sdf import VoxelPointCloudSDFModel
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed

from ..evaluate.point_e_samples import fine_clouds, reconstruct_clouds
from ..train.loop import average_of

MIN_BLUR, MAX_BLUR = 0.05, 0.5
"""Noise levels from which the base reconstructs real clouds; a higher level would change the shape."""
STEPS = 4


def load_stages(base=None, upsampler=None, device="cpu"):
    """Load base and upsampler, the running averages of checkpoints or, without them, those of the included model."""
    return replace(
        load_base(base, device), upsampler=loaded(GroupedUpsampler(MINI_UPSAMPLER), "upsampler", upsampler, device)
    )


def load_base(base=None, device="cpu"):
    """Load the base as `load_stages` does; the other networks are untrained."""
    device = torch.device(device)
    network, others = (
        loaded(GroupedBase(MINI_BASE), "base", base, device),
        (GroupedUpsampler(MINI_UPSAMPLER), VoxelPointCloudSDFModel(MINI_SDF)),
    )
    return MiniPointE(caption_conditioner(device), network, *others, device, sha256="", distilled={})


def loaded(network, name, checkpoint, device):
    """Return a network with the running average of a checkpoint or, without one, the included weights."""
    if not checkpoint:
        return load_prefixed(network, load_float32(POINT_E_WEIGHTS), f"{name}.", torch.device(device))
    network.load_state_dict(average_of(checkpoint, name))
    return network.to(device).eval()


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
