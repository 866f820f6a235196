# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's image tower: an image to one embedding, or to a grid of patch features.

Source: Radford et al. 2021 (CLIP), section 2.4; Dosovitskiy et al. 2020 (ViT), section 3.1; tensor names and shapes of
the released ViT-L-14.pt; the grid, and unit length, as in openai/point-e, point_e/models/pretrained_clip.py.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .clip_layers import Transformer, init_uniform


@dataclass(frozen=True)
class ClipImageConfig:
    """Size of an image tower; the defaults are those of ViT-L/14."""

    image_resolution: int = 224
    patch_size: int = 14
    width: int = 1024
    layers: int = 24
    heads: int = 16
    embed_dim: int = 768

    @property
    def grid_size(self) -> int:
        """Patches along a side."""
        return self.image_resolution // self.patch_size


class ClipImage(nn.Module):
    """A transformer of an image's patches and a class token.

    Attribute names are those that the official checkpoint has after `visual.`, letter for letter.
    """

    def __init__(self, config: ClipImageConfig):
        super().__init__()
        width = config.width
        self.config = config
        self.conv1 = nn.Conv2d(3, width, kernel_size=config.patch_size, stride=config.patch_size, bias=False)
        self.class_embedding = init_uniform(width, std=width**-0.5)
        self.positional_embedding = init_uniform(config.grid_size**2 + 1, width, std=width**-0.5)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, config.layers, config.heads)
        self.ln_post = nn.LayerNorm(width)
        self.proj = init_uniform(width, config.embed_dim, std=width**-0.5)

    def forward(self, images: Tensor) -> Tensor:
        """`(B, 3, H, W) float32`, normalized as CLIP expects -> `(B, D) float32` of unit length."""
        vectors = self.ln_post(self.tokens(images)[:, 0]) @ self.proj
        return nn.functional.normalize(vectors.float(), dim=-1)

    def grid(self, images: Tensor) -> Tensor:
        """`(B, 3, H, W) float32` -> `(B, D, G G) float32`, row by row: the last layer's patches, without a norm.

        Point-E's and Shap-E's image-grid networks take these and apply their own norm.
        """
        return self.tokens(images)[:, 1:].transpose(1, 2).float().contiguous()

    def tokens(self, images: Tensor) -> Tensor:
        """`(B, 3, H, W) float32` -> `(B, 1 + G G, D) float32` of the last layer: the class token, then the patches."""
        patches = self.conv1(images.to(self.conv1.weight.dtype)).flatten(2).transpose(1, 2)
        class_token = self.class_embedding.expand(len(patches), 1, -1)
        h = torch.cat([class_token, patches], dim=1) + self.positional_embedding
        return self.transformer(self.ln_pre(h))
