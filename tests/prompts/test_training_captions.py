# SPDX-License-Identifier: GPL-3.0-or-later
"""The captions that the small models were trained on are read word by word, as in training."""

import numpy as np

from blender_text3d.prompts.reader import MAX_TOKENS, read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary
from scripts.training.data.captions import caption, describe
from scripts.training.data.catalogue import CATEGORIES
from scripts.training.data.colors import COLORS

SPECIES = ("orange tree", "pine orange")
"""Captions that people mean otherwise: the names of trees and their fruits."""


def test_a_caption_of_the_training_gives_the_tokens_of_the_training():
    vocabulary, rng = read_vocabulary(), np.random.default_rng(5)
    captions = [caption(describe(category, color, rng), rng) for category in CATEGORIES for color in COLORS]
    others = [
        text
        for text in captions
        if not any(name in text for name in SPECIES)
        and read_prompt(text).tokens != vocabulary.tokens(text)[:MAX_TOKENS]
    ]
    assert len(captions) > 400
    assert others == []
