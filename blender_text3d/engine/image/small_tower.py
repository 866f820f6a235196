# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' image tower: what a picture shows, as answers to a few plain questions.

Kind, size, and of every part a thing may have whether it is seen and in what colour, each answered by itself: so a kind
is known in colours that it never had in training.

Source: Radford et al. 2021 (CLIP), section 2.4, for the tower; Carion et al. 2020 (DETR), section 3.2, for learned
queries that look for things among a picture's tokens.
"""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.linear import Linear
from ..text.clip_image import ClipImage, ClipImageConfig
from ..text.clip_layers import noise
from .image_vocabulary import PictureWords


@dataclass(frozen=True)
class MiniTowerConfig:
    """Size of the tower, and how many answers each question has."""

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
    def of(cls, words: PictureWords, **size: int) -> "MiniTowerConfig":
        """The tower that says some words."""
        return cls(len(words.categories), len(words.sizes), len(words.colors), len(words.roles), **size)

    @property
    def visual(self) -> ClipImageConfig:
        """The same as CLIP's image tower says it; its vector answers for kind and size."""
        return ClipImageConfig(
            self.image_resolution, self.patch_size, self.width, self.layers, self.heads, self.categories + self.sizes
        )


@dataclass(frozen=True)
class Answers:
    """Logits of B pictures: category [B, K], size [B, S], visible [B, R] of each role, color [B, R, C] of each."""

    category: Tensor
    size: Tensor
    visible: Tensor
    color: Tensor


class PartReader(nn.Module):
    """Each role looks among the patches for its part; one way of naming colours serves all of them."""

    def __init__(self, config: MiniTowerConfig):
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.role_embedding = noise(config.roles, width, std=1.0)
        self.ln_1 = nn.LayerNorm(width)
        self.c_q = Linear(width, width)
        self.c_kv = Linear(width, 2 * width)
        self.c_proj = Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, 1 + config.colors))

    def forward(self, tokens: Tensor) -> Tensor:
        """[B, T, D] -> [B, R, 1 + C]: whether it is seen, and its colour."""
        batch, roles = len(tokens), self.role_embedding
        query = self.c_q(roles).view(len(roles), self.heads, -1).transpose(0, 1).expand(batch, -1, -1, -1)
        key, value = self.c_kv(self.ln_1(tokens)).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        return self.mlp(self.ln_2(roles + self.c_proj(mixed)))


class MiniTower(nn.Module):
    """CLIP's image tower and a reader of parts."""

    def __init__(self, config: MiniTowerConfig):
        super().__init__()
        self.config = config
        self.visual = ClipImage(config.visual)
        self.parts = PartReader(config)

    def forward(self, pixels: Tensor) -> Answers:
        """[B, 3, S, S] as `clip_pixels` gives them -> what is thought of them."""
        tokens = self.visual.tokens(pixels)
        whole = self.visual.ln_post(tokens[:, 0]) @ self.visual.proj
        category, size = whole.split([self.config.categories, self.config.sizes], dim=1)
        parts = self.parts(tokens)
        return Answers(category, size, parts[..., 0], parts[..., 1:])
