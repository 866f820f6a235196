# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Shap-E that ships with the add-on: its networks, loaded, and what it knows of a prompt."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..condition import Condition
from ..mini.files import SHAP_E_WEIGHTS, VOCABULARY
from ..recipe import Recipe
from ..text.notice import notice_of
from ..text.word_encoder import WordEncoder
from ..text.words import Reading, Vocabulary
from ..weights.load import fill, sha256_of, tensors_of
from .configs import MINI_DECODER, MINI_PRIOR, mini_word_encoder
from .decoder import VectorDecoder
from .prior import SplitVectorDiffusion


@dataclass(frozen=True)
class MiniShapE:
    """Networks of the small Shap-E on one device."""

    vocabulary: Vocabulary
    text: WordEncoder
    prior: SplitVectorDiffusion
    decoder: VectorDecoder
    device: torch.device
    sha256: str

    limit = 1.0
    precision = torch.float32
    levels = (0.0, -0.2, -0.4)

    @classmethod
    def load(cls, device: torch.device) -> "MiniShapE":
        """Reads the shipped files.

        Raises:
            BrokenWeights: a file is missing, damaged or of another version.
        """
        vocabulary = Vocabulary.read(VOCABULARY)
        tensors = tensors_of(SHAP_E_WEIGHTS)
        text = WordEncoder(mini_word_encoder(len(vocabulary.ids)))
        prior, decoder = SplitVectorDiffusion(MINI_PRIOR), VectorDecoder(MINI_DECODER)
        networks = (("text.", text), ("prior.", prior), ("decoder.", decoder))
        text, prior, decoder = (fill(network, tensors, prefix, device) for prefix, network in networks)
        return cls(vocabulary, text, prior, decoder, device, sha256_of(SHAP_E_WEIGHTS))

    def read(self, recipe: Recipe) -> Condition:
        """What the prompt says to the prior, with a notice where it holds unknown words."""
        reading = self.vocabulary.read_prompt(recipe.prompt)
        return Condition(self.condition(reading), notice=notice_of(reading, self.vocabulary))

    @torch.inference_mode()
    def condition(self, reading: Reading) -> Tensor:
        """[1, K] unit vector of a prompt; zeros, the unconditional one, where no word is known."""
        ids = torch.zeros(1, self.text.config.n_ctx, dtype=torch.long, device=self.device)
        numbers = [self.vocabulary.ids[token] for token in reading.tokens][: ids.shape[1]]
        ids[0, : len(numbers)] = torch.tensor(numbers, dtype=torch.long)
        vector = self.text(ids)
        return vector if numbers else torch.zeros_like(vector)
