# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions from the official clip package, and how they are passed to the official networks.

The official networks each load their own CLIP when they are built. Here CLIP is loaded once, from the add-on's weights
folder, and the networks get precomputed features.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from ..conditioning.condition import Condition
from ..conditioning.official_models import CLIP_CHECKPOINT
from ..image.preprocess import prepare_image
from ..recipe import Recipe
from ..weights.loading.load_network import load_network
from .torchvision_stub import torchvision_for_import

VIT_L_14 = dict(
    embed_dim=768,
    image_resolution=224,
    vision_layers=24,
    vision_width=1024,
    vision_patch_size=14,
    context_length=77,
    vocab_size=49408,
    transformer_width=768,
    transformer_heads=12,
    transformer_layers=12,
)
"""Source: openai/CLIP, shapes of the released ViT-L/14 checkpoint."""


class PrecomputedFeatures:
    """Stands in for CLIP in the official networks and returns the features that it is given.

    Source: openai/point-e, commit fc8a607, point_e/models/pretrained_clip.py: names and sizes.
    """

    feature_dim, grid_size, grid_feature_dim = 768, 16, 1024

    def __init__(self, *_device: object, **_cache_dir: object) -> None: ...

    def __call__(self, batch_size: int, images: None = None, texts: None = None, embeddings: Tensor | None = None):
        """Return vectors (B, 768) float32 as given in `embeddings`."""
        return embeddings

    def embed_images_grid(self, images: Tensor) -> Tensor:
        """Return grids (B, 1024, 256) float32 as given in place of images."""
        return images


@contextmanager
def precomputed_features(transformer: Any) -> Iterator[None]:
    """Within the context, networks of an official `transformer` module are built with `PrecomputedFeatures`."""
    original = transformer.FrozenImageCLIP
    transformer.FrozenImageCLIP = PrecomputedFeatures
    try:
        yield
    finally:
        transformer.FrozenImageCLIP = original


@dataclass(frozen=True)
class OfficialTextConditioner:
    """Prompt to the official CLIP's vector of unit length."""

    tower: Any
    device: torch.device

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """Return (1, 768) float32; a prompt of more than 77 tokens is truncated, as in the official packages."""
        ids = official_clip().tokenize([recipe.prompt], truncate=True).to(self.device)
        return Condition(normalized(self.tower.encode_text(ids).float()).clone())


@dataclass(frozen=True)
class OfficialImageConditioner:
    """Image, preprocessed by this engine, to the official CLIP's grid."""

    tower: Any
    device: torch.device

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """Return (1, 1024, 256) float32 and the image as the model sees it.

        Raises:
            BadImage: the file is not a usable image.
        """
        assert recipe.image is not None, "requests for this model have an image"
        image = prepare_image(recipe.image, self.tower.visual.input_resolution)
        grid = self.grid(image.pixels.to(self.device))
        return Condition(grid, notice=" ".join(image.notes) or None, input_image=image.view)

    def grid(self, pixels: Tensor) -> Tensor:
        """Return the image tower's last block's output per cell, (B, 1024, 256) float32, of pixels (B, 3, S, S)."""
        outputs: list[Tensor] = []
        hook = self.tower.visual.transformer.register_forward_hook(
            lambda _module, _inputs, output: outputs.append(output)
        )
        try:
            self.tower.encode_image(pixels)
        finally:
            hook.remove()
        return outputs[0][1:].permute(1, 2, 0).float().contiguous().clone()


@cache
def clip_tower(device: torch.device) -> nn.Module:
    """Load the official CLIP, both towers, from the add-on's weights folder.

    Raises:
        MissingWeights, BrokenWeights: CLIP's file is missing or corrupt.
    """
    official_clip()
    from clip.model import CLIP as OfficialCLIP

    def build() -> nn.Module:
        with torch.device("cpu"):
            return OfficialCLIP(**VIT_L_14)

    return load_network(CLIP_CHECKPOINT, build, device).network


def official_clip() -> ModuleType:
    """Import the official clip package."""
    with torchvision_for_import():
        import clip
    return clip


def normalized(vectors: Tensor) -> Tensor:
    """Return vectors (B, K) float32 scaled to length 1."""
    return vectors / vectors.norm(dim=-1, keepdim=True)
