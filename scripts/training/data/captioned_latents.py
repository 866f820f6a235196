# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoded data sets: latents, their labels, and what their captions say."""

import numpy as np
import torch

from .catalogue import CATEGORIES, ROLES

LABELS = ("category", "color", "part_colors")


def load_columns(path):
    """Load the latents (float16) and labels (int64) of an encoded data set by name."""
    with np.load(path) as data:
        columns = {key: torch.from_numpy(data[key]) for key in ("latents", *LABELS)}
    return {key: value if key == "latents" else value.long() for key, value in columns.items()}


def caption_ids(vocabulary, captions, n_ctx):
    """Return the (S, K, n_ctx) int64 token ids of (S, K) captions."""
    ids = np.zeros((*captions.shape, n_ctx), np.int64)
    for position, text in np.ndenumerate(captions):
        numbers = [vocabulary.ids[token] for token in vocabulary.tokens(str(text))][:n_ctx]
        ids[position][: len(numbers)] = numbers
    return torch.from_numpy(ids)


def role_numbers(vocabulary):
    """Return one dict per category: role -> sets of token ids; a caption with all ids of a set mentions the part."""
    return [
        {role: [numbers_of(vocabulary, word) for word in words] for role, (words, _) in category.accents.items()}
        for category in CATEGORIES
    ]


def numbers_of(vocabulary, words):
    """Return the set of token ids of a phrase."""
    return {vocabulary.ids[token] for token in vocabulary.tokens(words)}


def mentioned_parts(part_colors, category, ids, vocabulary):
    """Return (S, R) colors of the captioned parts, -1 for others; all captions of a shape mention the same parts."""
    mentioned, numbers = torch.full_like(part_colors, -1), role_numbers(vocabulary)
    for row, (kind, words) in enumerate(zip(category.tolist(), ids.flatten(1).tolist(), strict=True)):
        for role, alternatives in numbers[kind].items():
            if any(alternative and alternative <= set(words) for alternative in alternatives):
                mentioned[row, ROLES.index(role)] = part_colors[row, ROLES.index(role)]
    return mentioned


def load(path, vocabulary, n_ctx):
    """Load an encoded data set as `load_columns` does, with ids (S, K, n_ctx) and colors of captioned parts only."""
    with np.load(path) as data:
        ids = caption_ids(vocabulary, data["captions"], n_ctx)
    columns = load_columns(path)
    columns["part_colors"] = mentioned_parts(columns["part_colors"], columns["category"], ids, vocabulary)
    return columns | {"ids": ids}
