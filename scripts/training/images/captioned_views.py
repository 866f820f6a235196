# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of catalog shapes in random colors with captions, as the small GLIDE learns them."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data.captions import caption
from .coloring import color_views

OBJECT_PIXELS, SIDE = 58, 64
"""The stored image, of which the object fills nearly all, and the view around it."""


class CaptionedViews(NamedTuple):
    """A batch.

    Attributes:
        pixels: (B, 3, SIDE, SIDE) float32, -1 to 1, on white.
        ids: (B, L) int64 tokens of the captions, 0 for padding.
    """

    pixels: Tensor
    ids: Tensor


def captioned_views(shapes, rows, colors_of, length, rng):
    """Return a view of each of some shapes, with captions of at most `length` tokens; see `color_views`."""
    views = color_views(shapes, rows, colors_of, rng)
    ids = token_ids([caption(description, rng) for description in views.descriptions], length)
    return CaptionedViews(pixels_of(views.images), ids)


def pixels_of(images):
    """Composite (B, 4, S, S) premultiplied RGBA on white, with a margin: (B, 3, SIDE, SIDE) in -1 to 1."""
    smaller = F.interpolate(images, OBJECT_PIXELS, mode="bilinear", antialias=True, align_corners=False)
    framed = F.pad(smaller, [(SIDE - OBJECT_PIXELS) // 2] * 4)
    return (framed[:, :3] + 1 - framed[:, 3:]).clamp(0, 1) * 2 - 1


VOCABULARY_OF_PROMPTS = Vocabulary.read(VOCABULARY)


def token_ids(captions, length):
    """Return (B, length) int64 tokens of captions, 0 for padding."""
    ids = torch.zeros(len(captions), length, dtype=torch.long)
    for row, text in enumerate(captions):
        tokens = VOCABULARY_OF_PROMPTS.tokens(text)[:length]
        ids[row, : len(tokens)] = torch.tensor([VOCABULARY_OF_PROMPTS.ids[token] for token in tokens])
    return ids
