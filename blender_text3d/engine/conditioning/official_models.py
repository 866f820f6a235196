# SPDX-License-Identifier: GPL-3.0-or-later
"""How the official models are told what to make: what CLIP makes of a prompt or a picture, or nothing."""

from dataclasses import dataclass
from functools import cache

import torch

from ..image.preprocess import prepared_image
from ..recipe import Recipe
from ..text.clip_image import ClipImage, ClipImageConfig
from ..text.clip_text import ClipText, ClipTextConfig
from ..text.tokenizer import tokenize
from ..weights.loading.load_network import load_network
from .condition import Condition

CLIP = "clip/ViT-L-14"
NO_WORDS = "This model takes no words: it makes what it likes, another thing for every seed."


@dataclass(frozen=True)
class PromptReader:
    """A prompt to CLIP's vector."""

    tower: ClipText
    device: torch.device

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """[1, 768] of unit length; a notice where the prompt was too long to be read whole."""
        tokens = tokenize(recipe.prompt)
        ids = torch.tensor([tokens.ids], device=self.device)
        return Condition(self.tower(ids).clone(), notice=tokens.notice)


@dataclass(frozen=True)
class PictureReader:
    """A picture to CLIP's vector of it, or to its grid.

    Attributes:
        sees_grid: whether the network takes the grid, which tells places apart, or the one vector.
    """

    tower: ClipImage
    device: torch.device
    sees_grid: bool

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> Condition:
        """[1, 1024, 256] or [1, 768], and what the model sees of the picture.

        Raises:
            BadImage: the file is no picture that can be used.
        """
        picture = prepared_image(recipe.image, self.tower.config.image_resolution)
        pixels = picture.pixels.to(self.device)
        values = self.tower.grid(pixels) if self.sees_grid else self.tower(pixels)
        return Condition(values.clone(), notice=" ".join(picture.notes) or None, picture=picture.view)


@dataclass(frozen=True)
class NothingReader:
    """No condition at all, for the models that were trained without."""

    device: torch.device

    def __call__(self, recipe: Recipe) -> Condition:
        """[1, 0], and a notice that the words do not matter."""
        return Condition(torch.zeros(1, 0, device=self.device), notice=NO_WORDS)


@cache
def prompt_reader(device: torch.device) -> PromptReader:
    """The reader of prompts on a device; CLIP's text tower is loaded once for all models, its image tower never.

    Raises:
        MissingWeights, BrokenWeights: CLIP's file is not here, or not whole.
    """
    return PromptReader(load_network(CLIP, lambda: ClipText(ClipTextConfig()), device, part="text").network, device)


def picture_reader(device: torch.device, *, sees_grid: bool) -> PictureReader:
    """The reader of pictures on a device; CLIP's image tower is loaded once for all models, its text tower never.

    Raises:
        MissingWeights, BrokenWeights: CLIP's file is not here, or not whole.
    """
    return PictureReader(image_tower(device), device, sees_grid)


@cache
def image_tower(device: torch.device) -> ClipImage:
    """CLIP's image tower."""
    return load_network(CLIP, lambda: ClipImage(ClipImageConfig()), device, part="image").network
