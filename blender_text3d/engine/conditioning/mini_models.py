# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of the small models: a caption's embeddings, from the encoder that both families share."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ...prompts.notices import prompt_notice
from ...prompts.reader import cached_reading
from ...prompts.vocabulary import OBJECTS, Vocabulary
from ..image.caption_from_image import caption_image
from ..mini.files import VOCABULARY, WORDS_WEIGHTS
from ..recipe import Recipe
from ..text.word_encoder import WordEncoder, WordEncoderConfig
from ..weights.loading.load_tensors import load_float32, load_prefixed
from .condition import Condition


@dataclass(frozen=True)
class CaptionConditioner:
    """Encodes a prompt, or the caption of an image.

    Attributes:
        vocabulary: The words that the model knows.
        ids: Their IDs in the encoder, which models of an earlier training share.
        encoder: The encoder.
        device: Where it runs.
    """

    vocabulary: Vocabulary
    ids: Mapping[str, int]
    encoder: WordEncoder
    device: torch.device

    def __call__(self, recipe: Recipe) -> Condition:
        """Return the embeddings of the prompt or of the image's caption, with a notice on how it was understood.

        Raises:
            BadImage: The file cannot be used as an image.
            BrokenWeights: The image tower's file is corrupt.
        """
        if recipe.image is not None:
            return self.encode_image(recipe.image)
        reading = cached_reading(recipe.prompt, self.vocabulary)
        notice = prompt_notice(reading, self.vocabulary)
        if recipe.object is not None and not reading.tokens:  # the prompt may be the object's name, typed by nobody
            notice = f"'{recipe.prompt}' has no word that the model knows, so the object is varied without words."
        return Condition(self.encode_tokens(reading.tokens), notice=notice)

    def encode_image(self, path: Path) -> Condition:
        """Return the embeddings of an image's caption, which is read as a prompt if its kind is not the model's.

        Raises:
            BadImage: The file cannot be used as an image.
            BrokenWeights: The image tower's file is corrupt.
        """
        image = caption_image(path, self.device)
        if image.image_caption.category in self.vocabulary.groups[OBJECTS]:
            return Condition(self.encode_prompt(image.caption), image.notice, image.view)
        reading = cached_reading(image.caption, self.vocabulary)
        notices = filter(None, (image.notice, prompt_notice(reading, self.vocabulary)))
        return Condition(self.encode_tokens(reading.tokens), " ".join(notices), image.view)

    def encode_prompt(self, caption: str) -> Tensor:
        """Return `(1, C, 1 + T) float32` of a caption of known words, see `encode_tokens`."""
        return self.encode_tokens(self.vocabulary.tokens(caption))

    @torch.inference_mode()
    def encode_tokens(self, tokens: tuple[str, ...]) -> Tensor:
        """Return `(1, C, 1 + T) float32` of known words, see `WordEncoder`; zeros if there are none."""
        ids = torch.zeros(1, self.encoder.config.n_ctx, dtype=torch.long, device=self.device)
        token_ids = [self.ids[token] for token in tokens][: ids.shape[1]]
        ids[0, : len(token_ids)] = torch.tensor(token_ids, dtype=torch.long)
        caption = self.encoder(ids)
        return caption if token_ids else torch.zeros_like(caption)


@cache
def caption_conditioner(device: torch.device, model: str = "") -> CaptionConditioner:
    """Return the conditioner of a model on a device; by default that of the models of the latest training.

    Raises:
        BrokenWeights: A file is missing, corrupt or of another version.
    """
    ids, encoder = shared_encoder(device)
    return CaptionConditioner(Vocabulary.read(VOCABULARY, model), ids, encoder, device)


@cache
def shared_encoder(device: torch.device) -> tuple[Mapping[str, int], WordEncoder]:
    """Return the IDs of all words, and their encoder on a device; it is loaded once per process.

    Raises:
        BrokenWeights: A file is missing, corrupt or of another version.
    """
    ids = Vocabulary.read(VOCABULARY).ids
    encoder = WordEncoder(WordEncoderConfig(words=len(ids)))
    return ids, load_prefixed(encoder, load_float32(WORDS_WEIGHTS), "", device)
