# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions by the official clip package, and how the official networks are handed them.

The official networks each load a CLIP of their own when they are built. Here CLIP is loaded once, from our weights
folder, and the networks get its features ready-made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import torch
from torch import Tensor, nn

from ..conditioning.condition import Condition
from ..conditioning.official_models import CLIP
from ..image.preprocess import prepared_image
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


class ReadyFeatures:
    """What the official networks take for CLIP: it gives back the features that it is given.

    Source: openai/point-e, commit fc8a607, point_e/models/pretrained_clip.py: the names and sizes that are asked for.
    """

    feature_dim, grid_size, grid_feature_dim = 768, 16, 1024

    def __init__(self, *_device: object, **_cache_dir: object) -> None: ...

    def __call__(self, batch_size: int, images: None = None, texts: None = None, embeddings: Tensor | None = None):
        """Vectors [B, 768], as given under `embeddings`."""
        return embeddings

    def embed_images_grid(self, images: Tensor) -> Tensor:
        """Grids [B, 1024, 256], as given in place of pictures."""
        return images


@contextmanager
def ready_features(transformer: ModuleType) -> Iterator[None]:
    """While this is open, the networks of an official `transformer` module are built around `ReadyFeatures`."""
    own = transformer.FrozenImageCLIP
    transformer.FrozenImageCLIP = ReadyFeatures
    try:
        yield
    finally:
        transformer.FrozenImageCLIP = own


@dataclass(frozen=True)
class OfficialPromptReader:
    """A prompt to the official CLIP's vector of unit length."""

    tower: nn.Module
    device: torch.device

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """[1, 768]; a prompt of more than 77 tokens is cut, as the official packages do."""
        ids = official_clip().tokenize([recipe.prompt], truncate=True).to(self.device)
        return Condition(unit(self.tower.encode_text(ids).float()).clone())


@dataclass(frozen=True)
class OfficialPictureReader:
    """A picture, prepared as for our own engine, to the official CLIP's grid."""

    tower: nn.Module
    device: torch.device

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """[1, 1024, 256], and what the model sees.

        Raises:
            BadImage: the file is no picture that can be used.
        """
        picture = prepared_image(recipe.image, self.tower.visual.input_resolution)
        grid = self.grid(picture.pixels.to(self.device))
        return Condition(grid, notice=" ".join(picture.notes) or None, picture=picture.view)

    def grid(self, pixels: Tensor) -> Tensor:
        """[B, 3, S, S] -> [B, 1024, 256]: what the last block of the image tower puts out for each cell."""
        kept = []
        hook = self.tower.visual.transformer.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
        try:
            self.tower.encode_image(pixels)
        finally:
            hook.remove()
        return kept[0][1:].permute(1, 2, 0).float().contiguous().clone()


@cache
def clip_tower(device: torch.device) -> nn.Module:
    """The official CLIP, both towers, from our weights folder.

    Raises:
        MissingWeights, BrokenWeights: CLIP's file is not here, or not whole.
    """
    official_clip()
    from clip.model import CLIP as OfficialCLIP

    def build() -> nn.Module:
        with torch.device("cpu"):
            return OfficialCLIP(**VIT_L_14)

    return load_network(CLIP, build, device).network


def official_clip() -> ModuleType:
    """The official clip package."""
    with torchvision_for_import():
        import clip
    return clip


def unit(vectors: Tensor) -> Tensor:
    """[B, K] of length 1."""
    return vectors / vectors.norm(dim=-1, keepdim=True)
