# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of the official models: CLIP's embedding of a prompt or an image, or none."""

from dataclasses import dataclass
from functools import cache

import torch

from ..image.preprocess import prepare_image
from ..recipe import Recipe
from ..text.clip_image import ClipImage, ClipImageConfig
from ..text.clip_text import ClipText, ClipTextConfig
from ..text.tokenizer import tokenize
from ..weights.loading.load_network import load_network
from .condition import Condition

CLIP_CHECKPOINT = "clip/ViT-L-14"
UNCONDITIONAL_NOTICE = "This model ignores the prompt: it generates a random object for each seed."


@dataclass(frozen=True)
class TextConditioner:
    """Encodes a prompt with CLIP's text tower."""

    tower: ClipText
    device: torch.device

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """Return `(1, 768) float32` of unit length, with a notice if the prompt was truncated."""
        tokens = tokenize(recipe.prompt)
        ids = torch.tensor([tokens.ids], device=self.device)
        return Condition(self.tower(ids).clone(), notice=tokens.notice)


@dataclass(frozen=True)
class ImageConditioner:
    """Encodes an image with CLIP's image tower.

    Attributes:
        tower: CLIP's image tower.
        device: device of the tower.
        uses_grid: True if the network takes the grid of patch features, False for the image's one embedding.
    """

    tower: ClipImage
    device: torch.device
    uses_grid: bool

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """Return `(1, 1024, 256) float32` or `(1, 768) float32`, and the image as the model sees it.

        Raises:
            BadImage: The file cannot be used as an image.
        """
        assert recipe.image is not None, "the registry gives this model recipes with an image only"
        image = prepare_image(recipe.image, self.tower.config.image_resolution)
        pixels = image.pixels.to(self.device)
        values = self.tower.grid(pixels) if self.uses_grid else self.tower(pixels)
        return Condition(values.clone(), notice=" ".join(image.notes) or None, input_image=image.view)


@dataclass(frozen=True)
class NullConditioner:
    """The condition of models that were trained without one."""

    device: torch.device

    def __call__(self, recipe: Recipe) -> Condition:
        """Return `(1, 0) float32`, and a notice that the prompt is ignored."""
        return Condition(torch.zeros(1, 0, device=self.device), notice=UNCONDITIONAL_NOTICE)


@cache
def text_conditioner(device: torch.device) -> TextConditioner:
    """Return the encoder of prompts on a device; CLIP's text tower is loaded once for all models.

    Raises:
        MissingWeights: CLIP's file is not on this machine.
        BrokenWeights: CLIP's file is corrupt.
    """
    return TextConditioner(
        load_network(CLIP_CHECKPOINT, lambda: ClipText(ClipTextConfig()), device, part="text").network, device
    )


def image_conditioner(device: torch.device, *, uses_grid: bool) -> ImageConditioner:
    """Return the encoder of images on a device; CLIP's image tower is loaded once for all models.

    Raises:
        MissingWeights: CLIP's file is not on this machine.
        BrokenWeights: CLIP's file is corrupt.
    """
    return ImageConditioner(clip_image_tower(device), device, uses_grid)


def forget_clip() -> None:
    """Let CLIP's towers be freed with the last model that uses them."""
    text_conditioner.cache_clear()
    clip_image_tower.cache_clear()


@cache
def clip_image_tower(device: torch.device) -> ClipImage:
    """Load CLIP's image tower."""
    return load_network(CLIP_CHECKPOINT, lambda: ClipImage(ClipImageConfig()), device, part="image").network
