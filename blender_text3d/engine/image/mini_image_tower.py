# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' image tower: classifiers of an image's object and its parts.

Category, size, and the visibility and color of each part are separate outputs, so that a category is recognized in
colors that it never had in training. Softmax is sure of anything, so one more output tells objects of the categories
from other things.

Source: Radford et al. 2021 (CLIP), section 2.4, for the tower; Carion et al. 2020 (DETR), section 3.2, for learned
queries that attend to an image's tokens; Hendrycks et al. 2019 (Outlier Exposure), section 3, for the output that is
trained on pictures of other things.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.linear import Linear
from ..text.clip_image import ClipImage, ClipImageConfig
from ..text.clip_layers import init_uniform
from .image_vocabulary import ImageVocabulary


@dataclass(frozen=True)
class SmallImageTowerConfig:
    """Size of the tower, and the number of classes of each output."""

    categories: int
    sizes: int
    colors: int
    roles: int
    image_resolution: int = 60
    patch_size: int = 12
    width: int = 120
    layers: int = 4
    heads: int = 4

    @classmethod
    def of(cls, vocabulary: ImageVocabulary, **size: int) -> "SmallImageTowerConfig":
        """Return the config of a tower with a vocabulary."""
        counts = (vocabulary.categories, vocabulary.sizes, vocabulary.colors, vocabulary.roles)
        return cls(*map(len, counts), **size)

    @property
    def visual(self) -> ClipImageConfig:
        """The config of its CLIP image tower, whose embedding has the logits of category and size."""
        return ClipImageConfig(
            self.image_resolution, self.patch_size, self.width, self.layers, self.heads, self.categories + self.sizes
        )


@dataclass(frozen=True)
class TowerOutput:
    """Logits of B images: K categories, S sizes, R roles of parts, C colors.

    Attributes:
        category: `(B, K) float32`.
        size: `(B, S) float32`.
        visible: `(B, R) float32`.
        color: `(B, R, C) float32`.
        known: `(B,) float32`, that the object is of one of the categories; negative for other things.
    """

    category: Tensor
    size: Tensor
    visible: Tensor
    color: Tensor
    known: Tensor


class PartHead(nn.Module):
    """Attention of each role to the patches of its part, and a classifier that all roles share."""

    def __init__(self, config: SmallImageTowerConfig):
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.role_embedding = init_uniform(config.roles, width, std=1.0)
        self.ln_1 = nn.LayerNorm(width)
        self.c_q = Linear(width, width)
        self.c_kv = Linear(width, 2 * width)
        self.c_proj = Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, 1 + config.colors))

    def forward(self, tokens: Tensor, chosen: Tensor | None = None) -> Tensor:
        """`(B, T, D) float32` -> `(B, R, 1 + C) float32`: logits of visibility and of colors.

        Args:
            tokens: of the last layer.
            chosen: `(B, R) int64`, the roles asked for in each image; None: all roles.
        """
        roles = (self.role_embedding if chosen is None else self.role_embedding[chosen]).expand(len(tokens), -1, -1)
        query = self.c_q(roles).unflatten(2, (self.heads, -1)).transpose(1, 2)
        key, value = self.c_kv(self.ln_1(tokens)).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        return self.mlp(self.ln_2(roles + self.c_proj(mixed)))


class SmallImageTower(nn.Module):
    """CLIP's image tower with a head for parts."""

    def __init__(self, config: SmallImageTowerConfig):
        super().__init__()
        self.config = config
        self.visual = ClipImage(config.visual)
        self.parts = PartHead(config)
        self.known = nn.Linear(2 * config.width, 1)

    def forward(self, pixels: Tensor, roles: Tensor | None = None) -> TowerOutput:
        """Classify `(B, 3, H, W) float32` of `normalize_pixels`, with the `(B, R) int64` roles asked for; None: all."""
        tokens = self.visual.tokens(pixels)
        whole = self.visual.ln_post(tokens[:, 0])
        category, size = (whole @ self.visual.proj).split([self.config.categories, self.config.sizes], dim=1)
        parts, known = self.parts(tokens, roles), self.known(pooled_features(whole, tokens))[:, 0]
        return TowerOutput(category, size, parts[..., 0], parts[..., 1:], known)


def pooled_features(whole: Tensor, tokens: Tensor) -> Tensor:
    """Return `(B, 2 D) float32`: the embedding of the whole image `(B, D)` and the mean of its patches' tokens.

    Args:
        whole: `(B, D) float32`, the normalized class token.
        tokens: `(B, 1 + P, D) float32`, the class token and those of P patches.
    """
    return torch.cat([whole, tokens[:, 1:].mean(1)], dim=1)
