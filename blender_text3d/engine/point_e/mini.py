# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E that ships with the add-on: its sizes, and how it is loaded and conditioned."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch

from ..conditioning.condition import Condition
from ..conditioning.mini_models import CaptionConditioner, caption_conditioner
from ..mini.files import DISTILLED_POINT_E_WEIGHTS, DRAFT_POINT_E_WEIGHTS, POINT_E_WEIGHTS
from ..nn.point_transformer import PointTransformerConfig
from ..recipe import Recipe
from ..weights.loading.load_tensors import file_sha256, load_float32, load_prefixed
from .distilled import DistilledPointE, load_distilled, load_draft
from .grouped_transformer import CHANNELS, GroupedBase, GroupedUpsampler
from .mesh import CloudMeshing
from .sampling_stage import Distilled, Scaling, Stage
from .upsampler import UpsamplerConfig
from .voxel_sdf import VoxelPointCloudSDFModel, VoxelSDFConfig

CHANNEL_SCALES = (1.0, 1.0, 1.0, 1 / 127.5, 1 / 127.5, 1 / 127.5)
CHANNEL_BIASES = (0.0, 0.0, 0.0, -1.0, -1.0, -1.0)
"""Scaling of the network's inputs: xyz in model space (within ±0.9) unchanged, RGB 0..255 to -1..1."""

MODEL = "mini/point-e"
BASE_POINTS, FINE_POINTS = 256, 1024
"""Number of points of the coarse cloud, and of those that the upsampler generates around them."""

BASE_SCHEDULE, BASE_SIGMA_MIN, BASE_SIGMA_MAX = "cosine", 1e-2, 120.0
UPSAMPLER_SCHEDULE, UPSAMPLER_SIGMA_MIN, UPSAMPLER_SIGMA_MAX, UPSAMPLER_STEPS = "linear", 1e-2, 0.08, 4
"""The upsampler starts near the end: at the coarse points with a little noise."""

BASE_SIGMAS = {4: (BASE_SIGMA_MAX, 2.415, 0.2628), 2: (BASE_SIGMA_MAX,)}
"""Number of steps -> the noise levels at which the distilled weights for it evaluate the base; the last step is the
upsampler's. Those of 4 steps are trained in `scripts.training.train.distilled_point_e`, those of 2 in
`draft_point_e`."""

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
    n_ctx=FINE_POINTS // 4,
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
    """The small Point-E's networks on one device."""

    conditioner: CaptionConditioner
    base: GroupedBase
    upsampler: GroupedUpsampler
    sdf: VoxelPointCloudSDFModel
    device: torch.device
    sha256: str
    distilled: Mapping[int, DistilledPointE]

    precision = torch.float32
    scaling = Scaling(CHANNEL_SCALES, CHANNEL_BIASES, model_from_network=1.0)
    meshing = CloudMeshing(
        model_from_network=1.0, levels=(0.0, -0.01, -0.02, -0.03, -0.045), bound=1.0, color_neighbors=3
    )

    @classmethod
    def load(cls, device: torch.device) -> "MiniPointE":
        """Load the shipped files.

        Raises:
            BrokenWeights: a file is missing, corrupt or of another version.
        """
        tensors = load_float32(POINT_E_WEIGHTS)
        base = load_prefixed(GroupedBase(MINI_BASE), tensors, "base.", device)
        upsampler = load_prefixed(GroupedUpsampler(MINI_UPSAMPLER), tensors, "upsampler.", device)
        sdf = load_prefixed(VoxelPointCloudSDFModel(MINI_SDF), tensors, "sdf.", device)
        whole = load_distilled(DISTILLED_POINT_E_WEIGHTS, base, upsampler, device)
        distilled = {4: whole, 2: load_draft(DRAFT_POINT_E_WEIGHTS, whole, device)}
        conditioner = caption_conditioner(device, MODEL)
        return cls(conditioner, base, upsampler, sdf, device, file_sha256(POINT_E_WEIGHTS), distilled)

    @cached_property
    def stages(self) -> tuple[Stage, Stage]:
        """The coarse stage, and the fine one that replaces its points; a few steps suffice for the latter."""
        coarse = Stage(
            "points",
            self.base,
            BASE_POINTS,
            BASE_SCHEDULE,
            "x_start",
            BASE_SIGMA_MIN,
            BASE_SIGMA_MAX,
            distilled={steps: Distilled(some.base, BASE_SIGMAS[steps]) for steps, some in self.distilled.items()},
        )
        fine = Stage(
            "upsample",
            self.upsampler,
            FINE_POINTS,
            UPSAMPLER_SCHEDULE,
            "epsilon",
            UPSAMPLER_SIGMA_MIN,
            UPSAMPLER_SIGMA_MAX,
            guidance=1.0,
            steps=UPSAMPLER_STEPS,
            refines=True,
            distilled={
                steps: Distilled(some.upsampler, (UPSAMPLER_SIGMA_MAX,)) for steps, some in self.distilled.items()
            },
        )
        return coarse, fine

    def condition(self, recipe: Recipe) -> Condition:
        """Return the networks' condition for a recipe.

        Raises:
            BadImage: the image cannot be used. BrokenWeights: the image tower's file is corrupt.
        """
        return self.conditioner(recipe)
