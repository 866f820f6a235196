# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the image tower's output into a caption of what is certain, and a sentence for the user."""

from dataclasses import dataclass

import torch

from ...prompts.compared_kinds import with_article
from .image_vocabulary import ImageVocabulary
from .mini_image_tower import TowerOutput

MIN_CATEGORY_PROBABILITY = 0.75
"""Below it the notice expresses doubt."""
MIN_SIZE_PROBABILITY = 0.85
MIN_PART_PROBABILITY = 0.8
"""Of a part and its color; below them they are not mentioned."""
MAX_PARTS = 2
"""As many as in the captions of the training."""


@dataclass(frozen=True)
class ImageCaption:
    """The recognized object in an image.

    Attributes:
        category: the most probable category.
        is_sure: True if it is probable enough, and the object not something else.
        nearest: the three most probable categories.
        color: color of the main part.
        size: a size word, or "".
        parts: (word, color) of the parts to mention.
    """

    category: str
    is_sure: bool
    nearest: tuple[str, ...]
    color: str
    size: str
    parts: tuple[tuple[str, str], ...]

    @property
    def caption(self) -> str:
        """A prompt: "a tall red chair with white legs"."""
        whole = with_article(" ".join(filter(None, (self.size, self.color, self.category))))
        parts = " and ".join(f"{color} {word}" for word, color in self.parts)
        return f"{whole}{' with ' if parts else ''}{parts}"

    @property
    def _alternatives(self) -> str:
        *others, last = map(with_article, self.nearest)
        return f"{', '.join(others)} or {last}"

    @property
    def notice(self) -> str:
        """A sentence for the user, with the alternatives if it is uncertain."""
        if self.is_sure:
            return f"Recognized: {self.caption}."
        return f"Not sure: it looks like {self._alternatives}. Using: {self.caption}."


def caption_of(output: TowerOutput, vocabulary: ImageVocabulary) -> ImageCaption:
    """Return the caption of the first image of a batch."""
    probabilities = output.category[0].softmax(0)
    nearest = [vocabulary.categories[index] for index in probabilities.topk(3).indices.tolist()]
    colors = output.color[0].softmax(1)
    color = vocabulary.colors[int(colors[0].argmax())]
    size = output.size[0].softmax(0)
    return ImageCaption(
        category=nearest[0],
        is_sure=probabilities.max().item() >= MIN_CATEGORY_PROBABILITY and output.known[0].item() >= 0,
        nearest=tuple(nearest),
        color=color,
        size=vocabulary.sizes[int(size.argmax())] if size.max() >= MIN_SIZE_PROBABILITY else "",
        parts=_parts_to_mention(vocabulary, nearest[0], color, output.visible[0].sigmoid()[:, None] * colors),
    )


def _parts_to_mention(
    vocabulary: ImageVocabulary, category: str, main_color: str, probabilities: torch.Tensor
) -> tuple[tuple[str, str], ...]:
    """Return certain parts without a default color: unusual colors first, then the most probable.

    Args:
        vocabulary: the words of a caption.
        category: category of the object.
        main_color: color of its main part.
        probabilities: `(R, C) float32` of each of R roles being visible in each of C colors.
    """
    found = []
    for role, (word, default_colors) in vocabulary.parts[category].items():
        probability, index = probabilities[vocabulary.roles.index(role)].max(0)
        color = vocabulary.colors[int(index)]
        implied = [name for name in default_colors if name != main_color] or [main_color]
        if probability >= MIN_PART_PROBABILITY and implied != [color]:
            found.append((color not in implied, probability.item(), word, color))
    return tuple((word, color) for *_, word, color in sorted(found, reverse=True)[:MAX_PARTS])
