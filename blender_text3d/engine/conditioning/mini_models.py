# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of the small models: a caption's embeddings, from the encoder that both families share."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ..image.caption_from_image import caption_image
from ..mini.files import VOCABULARY, WORDS_WEIGHTS
from ..recipe import Recipe
from ..text.vocabulary import ParsedPrompt, Vocabulary, unknown_words_notice
from ..text.word_encoder import WordEncoder, WordEncoderConfig
from ..weights.loading.load_tensors import load_float32, load_prefixed
from .condition import Condition


@dataclass(frozen=True)
class CaptionConditioner:
    """Encodes a prompt, or the caption of an image."""

    vocabulary: Vocabulary
    encoder: WordEncoder
    device: torch.device

    def __call__(self, recipe: Recipe) -> Condition:
        """Return the embeddings of the prompt or of the image's caption, with notices on unknown words or objects.

        Raises:
            BadImage: The file cannot be used as an image.
            BrokenWeights: The image tower's file is corrupt.
        """
        if recipe.image is not None:
            image = caption_image(recipe.image, self.device)
            return Condition(self.encode_prompt(image.caption), image.notice, image.view)
        prompt = self.vocabulary.parse_prompt(recipe.prompt)
        return Condition(self.encode_tokens(prompt), notice=unknown_words_notice(prompt, self.vocabulary))

    def encode_prompt(self, prompt: str) -> Tensor:
        """Return `(1, C, 1 + T) float32` of a prompt, see `encode_tokens`."""
        return self.encode_tokens(self.vocabulary.parse_prompt(prompt))

    @torch.inference_mode()
    def encode_tokens(self, prompt: ParsedPrompt) -> Tensor:
        """Return `(1, C, 1 + T) float32` of a prompt, see `WordEncoder`; zeros if no word is known."""
        ids = torch.zeros(1, self.encoder.config.n_ctx, dtype=torch.long, device=self.device)
        token_ids = [self.vocabulary.ids[token] for token in prompt.tokens][: ids.shape[1]]
        ids[0, : len(token_ids)] = torch.tensor(token_ids, dtype=torch.long)
        caption = self.encoder(ids)
        return caption if token_ids else torch.zeros_like(caption)


@cache
def caption_conditioner(device: torch.device) -> CaptionConditioner:
    """Return the encoder on a device; it is loaded once per process.

    Raises:
        BrokenWeights: A file is missing, corrupt or of another version.
    """
    vocabulary = Vocabulary.read(VOCABULARY)
    encoder = WordEncoder(WordEncoderConfig(words=len(vocabulary.ids)))
    return CaptionConditioner(vocabulary, load_prefixed(encoder, load_float32(WORDS_WEIGHTS), "", device), device)
