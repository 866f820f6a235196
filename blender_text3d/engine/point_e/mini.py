# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E that ships with the add-on: its sizes, its networks, loaded, and what it knows of a prompt."""

from dataclasses import dataclass
from functools import cached_property

import torch

from ..conditioning.condition import Condition
from ..conditioning.small_models import CaptionReader, caption_reader
from ..mini.files import POINT_E_WEIGHTS
from ..nn.point_transformer import PointTransformerConfig
from ..recipe import Recipe
from ..weights.loading.load_tensors import fill, sha256_of, tensors_of
from .grouped_transformer import CHANNELS, GroupedBase, GroupedUpsampler
from .mesh import CloudReading
from .sampling_stage import Scaling, Stage
from .upsampler import UpsamplerConfig
from .voxel_sdf import VoxelPointCloudSDFModel, VoxelSDFConfig

CHANNEL_SCALES = (1.0, 1.0, 1.0, 1 / 127.5, 1 / 127.5, 1 / 127.5)
CHANNEL_BIASES = (0.0, 0.0, 0.0, -1.0, -1.0, -1.0)
"""What the networks see: xyz in model space, which fills ±0.9, as it is, and RGB 0..255 as -1..1."""

BASE_POINTS, NEW_POINTS = 256, 1024
"""Points of the coarse cloud, and those that the upsampler makes around them."""

UPSAMPLER_SIGMA_MAX, UPSAMPLER_STEPS = 0.08, 4
"""It begins near the end: at the coarse points under a little noise."""

MINI_BASE = PointTransformerConfig(
    input_channels=8 * CHANNELS,
    output_channels=8 * CHANNELS,
    n_ctx=BASE_POINTS // 8,
    width=192,
    layers=6,
    heads=6,
    condition_channels=128,
    condition_added=True,
    use_pos_emb=True,
)
MINI_UPSAMPLER = UpsamplerConfig(
    input_channels=4 * CHANNELS,
    output_channels=4 * CHANNELS,
    n_ctx=NEW_POINTS // 4,
    width=96,
    layers=4,
    heads=4,
    condition_channels=128,
    condition_added=True,
    cond_ctx=BASE_POINTS,
    cond_input_channels=CHANNELS,
    channel_scales=CHANNEL_SCALES,
    channel_biases=CHANNEL_BIASES,
)
MINI_SDF = VoxelSDFConfig(side=32, widths=(16, 32, 64, 96))


@dataclass(frozen=True)
class MiniPointE:
    """Networks of the small Point-E on one device."""

    reader: CaptionReader
    base: GroupedBase
    upsampler: GroupedUpsampler
    sdf: VoxelPointCloudSDFModel
    device: torch.device
    sha256: str

    precision = torch.float32
    scaling = Scaling(CHANNEL_SCALES, CHANNEL_BIASES, model_from_own=1.0)
    sdf_reading = CloudReading(model_from_own=1.0, levels=(0.0, -0.01, -0.02, -0.03, -0.045), bound=1.0, blended=3)

    @classmethod
    def load(cls, device: torch.device) -> "MiniPointE":
        """Reads the shipped files.

        Raises:
            BrokenWeights: a file is missing, damaged or of another version.
        """
        tensors = tensors_of(POINT_E_WEIGHTS)
        networks = {
            "base": GroupedBase(MINI_BASE),
            "upsampler": GroupedUpsampler(MINI_UPSAMPLER),
            "sdf": VoxelPointCloudSDFModel(MINI_SDF),
        }
        filled = {name: fill(network, tensors, f"{name}.", device) for name, network in networks.items()}
        return cls(caption_reader(device), **filled, device=device, sha256=sha256_of(POINT_E_WEIGHTS))

    @cached_property
    def stages(self) -> tuple[Stage, Stage]:
        """The coarse cloud, and the fine one that takes its place; the few steps of that suffice, exact or not."""
        few = {"guidance": 1.0, "steps": UPSAMPLER_STEPS, "refines": True}
        return (
            Stage("points", self.base, BASE_POINTS, "cosine", "x_start", 1e-2, 120.0),
            Stage("upsample", self.upsampler, NEW_POINTS, "linear", "epsilon", 1e-2, UPSAMPLER_SIGMA_MAX, **few),
        )

    def read(self, recipe: Recipe) -> Condition:
        """What a recipe says to the networks.

        Raises:
            BadImage: the picture cannot be used. BrokenWeights: the image tower's file is not whole.
        """
        return self.reader(recipe)
