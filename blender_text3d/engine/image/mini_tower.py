# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' image tower: a picture to the vectors that their word encoders would make of its caption.

Source: Radford et al. 2021 (CLIP), section 2.3, for one space of pictures and captions; here the captions' side was
there first, and pictures learned to meet it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..condition import Condition
from ..mini.files import IMAGE_TOWER_WEIGHTS
from ..text.clip_image import ClipImage, ClipImageConfig
from ..weights.load import fill, tensors_of
from .clip_input import clip_pixels
from .prepare import prepared_image

FAMILIES = ("shap_e", "point_e")
"""Whose vectors the tower makes; each family has words of its own."""

PREPARED_SIDE = 80
"""Pixels of the prepared picture, of whose white margin the tower sees less: only the middle."""


@dataclass(frozen=True)
class MiniTowerConfig:
    """Size of the tower; `embed_dim` is the length of each family's vector."""

    image_resolution: int = 60
    patch_size: int = 12
    width: int = 120
    layers: int = 4
    heads: int = 4
    embed_dim: int = 128

    @property
    def visual(self) -> ClipImageConfig:
        """The same as CLIP's image tower says it; all families' vectors are its one output."""
        outputs = len(FAMILIES) * self.embed_dim
        return ClipImageConfig(
            self.image_resolution, self.patch_size, self.width, self.layers, self.heads, embed_dim=outputs
        )


class MiniTower(nn.Module):
    """CLIP's image tower with one vector a family, around the middle of that family's captions.

    `offset` is that middle. The captions of a small vocabulary all point much the same way; what tells them apart is
    small beside it.
    """

    def __init__(self, config: MiniTowerConfig):
        super().__init__()
        self.config = config
        self.visual = ClipImage(config.visual)
        self.offset = nn.Parameter(torch.zeros(len(FAMILIES) * config.embed_dim))

    def forward(self, pixels: Tensor) -> Tensor:
        """[B, 3, S, S] as `clip_pixels` gives them -> [B, F, E], of unit length, in the order of `FAMILIES`."""
        return F.normalize(self.raw(pixels).unflatten(1, (len(FAMILIES), -1)), dim=-1)

    def raw(self, pixels: Tensor) -> Tensor:
        """[B, 3, S, S] -> [B, F E], of any length."""
        whole = self.visual.tokens(pixels)[:, 0]
        return self.visual.ln_post(whole) @ self.visual.proj + self.offset


def middle_of(view: np.ndarray, side: int) -> np.ndarray:
    """[S, S, 3] -> [side, side, 3], its middle."""
    start = (len(view) - side) // 2
    return np.ascontiguousarray(view[start : start + side, start : start + side])


@dataclass(frozen=True)
class MiniPictureReader:
    """A picture to the vector of one family of small models.

    Attributes:
        family: one of `FAMILIES`.
    """

    tower: MiniTower
    device: torch.device
    family: str

    @torch.inference_mode()
    def __call__(self, path: Path) -> Condition:
        """[1, E] of unit length, and what the tower sees of the picture.

        Raises:
            BadImage: the file is no picture that can be used.
        """
        prepared = prepared_image(path, PREPARED_SIDE)
        view = middle_of(prepared.view, self.tower.config.image_resolution)
        vectors = self.tower(clip_pixels(view)[None].to(self.device))
        values = vectors[:, FAMILIES.index(self.family)].clone()
        return Condition(values, notice=" ".join(prepared.notes) or None, picture=view)


@cache
def mini_tower(device: torch.device) -> MiniTower:
    """The shipped tower on a device, read once.

    Raises:
        BrokenWeights: its file is missing, damaged or of another version.
    """
    return fill(MiniTower(MiniTowerConfig()), tensors_of(IMAGE_TOWER_WEIGHTS), "", device)


def mini_picture_reader(device: torch.device, family: str) -> MiniPictureReader:
    """The reader of pictures for a family; the tower is read when the first picture comes.

    Raises:
        BrokenWeights: the tower's file is missing, damaged or of another version.
    """
    return MiniPictureReader(mini_tower(device), device, family)
