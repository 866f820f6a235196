# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores of views for a prompt: by CLIP for the official models, by the image tower for the small ones.

Source: Radford et al. 2021 (CLIP), section 2.3, for the similarity of a text and an image.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import torch

from ...prompts.reader import cached_reading
from ...prompts.vocabulary import Vocabulary
from ...system.user_folders import default_weights_dir
from ..conditioning.official_models import CLIP_CHECKPOINT, clip_image_tower
from ..glide.mini import MODEL
from ..image.caption_from_image import read_by_tower
from ..image.image_vocabulary import ImageVocabulary
from ..image.mini_image_tower import TowerOutput
from ..image.preprocess import prepare_image
from ..mini.files import IMAGE_TOWER_WEIGHTS, VOCABULARY
from ..text.clip_text import ClipText, ClipTextConfig
from ..text.tokenizer import tokenize
from ..weights.loading.load_network import load_network
from ..weights.store.local_files import missing

CLIP_MISSING = "because CLIP, which compares them with the prompt, is not on this machine"
NOTHING_TO_LOOK_FOR = "because the prompt names no kind of object that the image tower knows"


class Scorer(Protocol):
    """Compares views with a prompt.

    Attributes:
        name: name in messages.
    """

    @property
    def name(self) -> str: ...

    def scores(self, prompt: str, views: Sequence[Path]) -> list[float] | str:
        """Return the score of each view, or why there are none, as half a sentence."""
        ...


class ClipScorer:
    """Cosine of CLIP's embeddings of the prompt and of the view."""

    name = "CLIP"

    def __init__(self, device: torch.device) -> None:
        self.device = device

    @torch.inference_mode()
    def scores(self, prompt: str, views: Sequence[Path]) -> list[float] | str:
        """Return the cosines, -1 to 1.

        Raises:
            BrokenWeights: CLIP's file is corrupt.
        """
        if missing((CLIP_CHECKPOINT,), default_weights_dir()):
            return CLIP_MISSING
        text = self._text_embedding(prompt)
        tower = clip_image_tower(self.device)
        side = tower.config.image_resolution
        images = [tower(prepare_image(view, side).pixels.to(self.device)) for view in views]
        return [float((text * image).sum()) for image in images]

    def _text_embedding(self, prompt: str) -> torch.Tensor:
        """Return `(1, 768) float32`; the text tower is freed, since no later step needs it."""
        network = load_network(CLIP_CHECKPOINT, lambda: ClipText(ClipTextConfig()), self.device, part="text").network
        return network(torch.tensor([tokenize(prompt).ids], device=self.device)).clone()


class TowerScorer:
    """Probability that the small models' image tower gives to the prompt's kind of object and to its color."""

    name = "image tower"

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def scores(self, prompt: str, views: Sequence[Path]) -> list[float] | str:
        """Return the probabilities, 0 to 1.

        Raises:
            BrokenWeights: A shipped file is corrupt.
        """
        vocabulary = ImageVocabulary.read(IMAGE_TOWER_WEIGHTS)
        kind, color = kind_and_color(prompt, vocabulary, MODEL)
        if not kind:
            return NOTHING_TO_LOOK_FOR
        return [probability(read_by_tower(view, self.device)[0], vocabulary, kind, color) for view in views]


def kind_and_color(prompt: str, vocabulary: ImageVocabulary, model: str) -> tuple[str, str]:
    """Return the kind of object that a prompt names, and the color before it; "" for those that it does not name.

    Args:
        prompt: the prompt.
        vocabulary: the words of the image tower.
        model: the model whose words the prompt is read with.
    """
    reading = cached_reading(prompt, words_of_model(model))
    if reading.main not in vocabulary.categories:
        return "", ""
    before = reading.tokens[: reading.tokens.index(reading.main)] if reading.main in reading.tokens else ()
    return reading.main, next((token for token in reversed(before) if token in vocabulary.colors), "")


@cache
def words_of_model(model: str) -> Vocabulary:
    """Return the words of a model; they are read once per process."""
    return Vocabulary.read(VOCABULARY, model)


def probability(output: TowerOutput, vocabulary: ImageVocabulary, kind: str, color: str) -> float:
    """Return the probability of a kind, and of the main part's color unless it is "", for the first image."""
    of_kind = output.category[0].softmax(0)[vocabulary.categories.index(kind)]
    of_color = output.color[0, 0].softmax(0)[vocabulary.colors.index(color)] if color else 1.0
    return float(of_kind * of_color)


def scorer_of(shape: str, device: torch.device) -> Scorer:
    """Return what scores the views for a model that makes objects of images."""
    return TowerScorer(device) if shape.startswith("mini/") else ClipScorer(device)
