# SPDX-License-Identifier: GPL-3.0-or-later
"""How the official models are told what to make: CLIP's vector of a prompt, or nothing."""

from dataclasses import dataclass
from functools import cache

import torch

from .condition import Condition
from .recipe import Recipe
from .text.clip_text import ClipText, ClipTextConfig
from .text.tokenizer import tokenize
from .weights.network import load_network

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
