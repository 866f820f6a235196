# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image tower thinks of a picture becomes a caption of the sure things, and a sentence for the user."""

from dataclasses import dataclass

import torch

from .image_vocabulary import PictureWords
from .small_tower import Answers

SURE_CATEGORY = 0.6
SURE_SIZE = 0.85
SURE_PART = 0.8
"""From how likely on a size, or a part and its colour, is told, and a category is said without doubt."""
MAX_PARTS = 2
"""As many as captions told in training."""


@dataclass(frozen=True)
class ImageCaption:
    """What is seen in one picture.

    Attributes:
        category: the likeliest.
        is_sure: whether it is likely at all.
        nearest: the three likeliest categories.
        color: of the main part.
        size: a size word, or "".
        parts: (word, colour) of the parts to be told.
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
        words = " ".join(filter(None, (self.size, self.color, self.category)))
        parts = " and ".join(f"{color} {word}" for word, color in self.parts)
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words}{' with ' if parts else ''}{parts}"

    @property
    def notice(self) -> str:
        """The same for the user, with doubt where there is any."""
        if self.is_sure:
            return f"Seen in the picture: {self.caption}."
        return f"Not sure what the picture shows; nearest: {', '.join(self.nearest)}. Taken for: {self.caption}."


def caption_of(answers: Answers, words: PictureWords) -> ImageCaption:
    """What is seen in the first of some pictures."""
    likely = answers.category[0].softmax(0)
    nearest = [words.categories[number] for number in likely.topk(3).indices.tolist()]
    colors = answers.color[0].softmax(1)
    color = words.colors[int(colors[0].argmax())]
    size = answers.size[0].softmax(0)
    return ImageCaption(
        category=nearest[0],
        is_sure=likely.max().item() >= SURE_CATEGORY,
        nearest=tuple(nearest),
        color=color,
        size=words.sizes[int(size.argmax())] if size.max() >= SURE_SIZE else "",
        parts=_parts_to_mention(words, nearest[0], color, answers.visible[0].sigmoid()[:, None] * colors),
    )


def _parts_to_mention(
    words: PictureWords, category: str, main: str, likely: torch.Tensor
) -> tuple[tuple[str, str], ...]:
    """The sure parts that are not as they would be anyway: those in unusual colours first, then the surest.

    Args:
        words: what may be said.
        category: of the thing.
        main: its colour.
        likely: [R, C] that a part of the thing is seen and has a colour.
    """
    found = []
    for role, (word, usual) in words.parts[category].items():
        chance, number = likely[words.roles.index(role)].max(0)
        color = words.colors[int(number)]
        untold = [name for name in usual if name != main] or [main]
        if chance >= SURE_PART and untold != [color]:
            found.append((color not in untold, chance.item(), word, color))
    return tuple((word, color) for *_, word, color in sorted(found, reverse=True)[:MAX_PARTS])
