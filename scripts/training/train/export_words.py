# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the weights of the word encoder that the small models share, the running average in float16.

Run as `python -m scripts.training.train.export_words CHECKPOINT` after `train.prior`. After a training that learned new
words only (--new-words), `--frozen WORDS.safetensors EARLIER_VOCABULARY.json` stores the earlier ones as they were: a
running average of rows that do not change is rounded at each step, and the objects of other models would change.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from blender_text3d.engine.mini.files import VOCABULARY, WORDS_WEIGHTS
from blender_text3d.prompts.vocabulary import Vocabulary

from .exported import half, write_weights
from .extend_words import EMBEDDING
from .loop import average_of


def with_frozen(trained: dict[str, Tensor], frozen: dict[str, Tensor], ids: list[int]) -> dict[str, Tensor]:
    """Return the tensors of a word encoder that learned new words only: all but their embeddings are the frozen ones.

    Args:
        trained: name -> float16 tensor after the training.
        frozen: name -> float16 tensor before it, of the same shapes.
        ids: IDs of the words that were known before, and of padding.

    Raises:
        ValueError: The encoders have different shapes.
    """
    if {k: t.shape for k, t in trained.items()} != {k: t.shape for k, t in frozen.items()}:
        raise ValueError("The frozen words belong to another vocabulary. Extend them first (train.extend_words).")
    embedding = trained[EMBEDDING].clone()
    embedding[ids] = frozen[EMBEDDING][ids]
    return frozen | {EMBEDDING: embedding}


def known_ids(vocabulary: Path, earlier: Path) -> list[int]:
    """Return the IDs in a vocabulary of the words of an earlier one, and 0, the one of padding."""
    ids = Vocabulary.read(vocabulary).ids
    return [0, *(ids[word] for word in Vocabulary.read(earlier).ids)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--frozen", type=Path, nargs=2, metavar=("WORDS", "VOCABULARY"), help="what was known before")
    parser.add_argument("--out", type=Path, default=WORDS_WEIGHTS)
    arguments = parser.parse_args()
    tensors = half(average_of(arguments.checkpoint, "text"))
    if arguments.frozen:
        words, earlier = arguments.frozen
        tensors = with_frozen(tensors, load_file(words), known_ids(VOCABULARY, earlier))
    write_weights(tensors, arguments.out)
