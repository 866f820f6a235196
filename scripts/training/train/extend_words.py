# SPDX-License-Identifier: GPL-3.0-or-later
"""Extend the word encoder to a larger vocabulary; the words that it knows are encoded as before.

Run as `python -m scripts.training.train.extend_words OLD_VOCABULARY.json OLD_WORDS.safetensors OUT`. The IDs of the
words follow their order in the vocabulary, so that each row of the embeddings moves with its word. A new word begins
near the old one that stood for it, or else as far from the mean of its group as the old words are: a frozen encoder
cannot tell words apart that begin as nearly the same.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data.vocabulary import STAND_INS
from .exported import write_weights

EMBEDDING = "token_embedding.weight"
NOISE, NOISE_NEAR = 1.0, 0.3
"""Standard deviation of the noise, as a share of that of the old words: around a mean, and around one word."""


def new_words(old, new):
    """Return the words of a vocabulary that an older one lacks.

    Raises:
        ValueError: The older one has a word that the new one lacks: its models would lose it.
    """
    if lost := [word for word in old.ids if word not in new.ids]:
        raise ValueError(f"The new vocabulary lacks words of the old one: {', '.join(lost)}. Keep them as words.")
    return [word for word in new.ids if word not in old.ids]


def first_guess(word, old, new, rows):
    """Return the initial embedding (D,) of a new word, and the noise to add, as a share of the old words' spread.

    Args:
        word: the new word.
        old, new: the vocabularies.
        rows: (1 + W, D) float32, embeddings of the old words by ID, the first one of padding.
    """
    if meant := old.exact(word) or old.exact(STAND_INS.get(word, "")):
        return rows[old.ids[meant]], NOISE_NEAR
    return rows[[old.ids[other] for other in old.groups[new.kinds[word]]]].mean(0), NOISE


def extended(tensors, old, new, seed=0):
    """Return the tensors of a word encoder with one row of embeddings for each word of a larger vocabulary.

    Args:
        tensors: name -> float16 tensor of the old encoder.
        old, new: the vocabularies.
        seed: seed of the noise.
    """
    rows = tensors[EMBEDDING].float()
    spread, generator = rows[1:].std(0), torch.Generator().manual_seed(seed)
    embedding = torch.empty(1 + len(new.ids), rows.shape[1])
    embedding[0] = rows[0]
    for word in new_words(old, new):
        noise = torch.randn(rows.shape[1], generator=generator)
        guess, share = first_guess(word, old, new, rows)
        embedding[new.ids[word]] = guess + share * spread * noise
    for word, number in old.ids.items():
        embedding[new.ids[word]] = rows[number]
    return tensors | {EMBEDDING: embedding.half()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old_vocabulary", type=Path)
    parser.add_argument("old_words", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vocabulary", type=Path, default=VOCABULARY, help="the larger vocabulary")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    before, after = Vocabulary.read(arguments.old_vocabulary), Vocabulary.read(arguments.vocabulary)
    write_weights(extended(load_file(arguments.old_words), before, after, arguments.seed), arguments.out)
    print(f"{len(new_words(before, after))} new words of {len(after.ids)}")
