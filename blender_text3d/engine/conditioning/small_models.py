# SPDX-License-Identifier: GPL-3.0-or-later
"""How the small models are told what to make: both families read the same words with the same encoder."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ..image.caption_from_image import read_picture_in_words
from ..mini.files import VOCABULARY, WORDS_WEIGHTS
from ..recipe import Recipe
from ..text.notice import notice_of
from ..text.vocabulary import Reading, Vocabulary
from ..text.word_encoder import WordEncoder, WordEncoderConfig
from ..weights.loading.load_tensors import fill, tensors_of
from .condition import Condition


@dataclass(frozen=True)
class CaptionReader:
    """A prompt, or a picture put in words, to a caption's vectors."""

    vocabulary: Vocabulary
    encoder: WordEncoder
    device: torch.device

    def __call__(self, recipe: Recipe) -> Condition:
        """What the picture's caption, or the prompt, says to the networks; notices on what was seen or not known.

        Raises:
            BadImage: the picture cannot be used. BrokenWeights: the image tower's file is not whole.
        """
        if recipe.image is not None:
            seen = read_picture_in_words(recipe.image, self.device)
            return Condition(self.told(seen.caption), seen.notice, seen.view)
        reading = self.vocabulary.read_prompt(recipe.prompt)
        return Condition(self.vectors(reading), notice=notice_of(reading, self.vocabulary))

    def told(self, prompt: str) -> Tensor:
        """[1, K, 1 + words] of a prompt, see `vectors`."""
        return self.vectors(self.vocabulary.read_prompt(prompt))

    @torch.inference_mode()
    def vectors(self, reading: Reading) -> Tensor:
        """[1, K, 1 + words] of a prompt, see `WordEncoder`; zeros, no condition, where no word is known."""
        ids = torch.zeros(1, self.encoder.config.n_ctx, dtype=torch.long, device=self.device)
        numbers = [self.vocabulary.ids[token] for token in reading.tokens][: ids.shape[1]]
        ids[0, : len(numbers)] = torch.tensor(numbers, dtype=torch.long)
        caption = self.encoder(ids)
        return caption if numbers else torch.zeros_like(caption)


@cache
def caption_reader(device: torch.device) -> CaptionReader:
    """The reader on a device, read once a process.

    Raises:
        BrokenWeights: a file is missing, damaged or of another version.
    """
    vocabulary = Vocabulary.read(VOCABULARY)
    encoder = WordEncoder(WordEncoderConfig(words=len(vocabulary.ids)))
    return CaptionReader(vocabulary, fill(encoder, tensors_of(WORDS_WEIGHTS), "", device), device)
