# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of a word encoder that learns words which an earlier vocabulary lacks, and encodes all others as before."""

from pathlib import Path

import torch

from blender_text3d.prompts.vocabulary import Vocabulary

WORD_RATE = 15.0
"""Learning rate of new words' embeddings, as a multiple of the network's: each word is in few of the batches."""


def learn_new_words(text, known, rate):
    """Freeze a `WordEncoder` but for the embeddings of new words; return the optimizer of those.

    Those of known words have gradients of zero, so that neither they nor their running averages move.

    Args:
        text: the encoder, on its device.
        known: IDs of the earlier words, and 0.
        rate: learning rate of the network that is trained with it.
    """
    text.requires_grad_(False)
    weight = text.token_embedding.weight.requires_grad_(True)
    rows = torch.tensor(sorted(known), device=weight.device)
    weight.register_hook(lambda gradient: gradient.index_fill(0, rows, 0.0))
    return torch.optim.AdamW([weight], lr=WORD_RATE * rate, betas=(0.9, 0.99), weight_decay=0.0)


def known_ids(vocabulary: Vocabulary, earlier: Path) -> set[int]:
    """Return the IDs, in a vocabulary, of the words that an earlier one has, too, and 0."""
    return {0} | {vocabulary.ids[word] for word in Vocabulary.read(earlier).ids if word in vocabulary.ids}
