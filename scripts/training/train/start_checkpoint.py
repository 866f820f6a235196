# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a checkpoint to train on from, of weights files: `python -m scripts.training.train.start_checkpoint OUT`.

The trainers take it as --start and --text, so that a training need not begin from nothing: those of the small Shap-E
and Point-E without options, those of the image tower and of GLIDE with `--model tower` and `--model glide`.
"""

import argparse
import json
from pathlib import Path

import torch

from blender_text3d.engine.mini.files import (
    GLIDE_WEIGHTS,
    IMAGE_TOWER_WEIGHTS,
    POINT_E_WEIGHTS,
    SHAP_E_WEIGHTS,
    VOCABULARY,
    WORDS_WEIGHTS,
)
from blender_text3d.engine.weights.loading.checkpoint_parts import GLIDE_TEXT
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from blender_text3d.prompts.vocabulary import Vocabulary

from .extend_words import EMBEDDING, extended
from .loop import save_atomically

Checkpoint = dict[str, dict[str, dict[str, torch.Tensor]]]
"""The part of a checkpoint that `loop.average_of` reads: "averages" -> network -> parameter -> float32 tensor."""
WEIGHTS = {
    "shap-e": SHAP_E_WEIGHTS,
    "point-e": POINT_E_WEIGHTS,
    "tower": IMAGE_TOWER_WEIGHTS,
    "glide": GLIDE_WEIGHTS,
}
WITH_WORDS = ("shap-e", "point-e")
"""Models that share the word encoder, and a checkpoint; the others have one of their own."""


def checkpoint_of(words: Path, *models: Path) -> Checkpoint:
    """Return the checkpoint of models that share the word encoder.

    Args:
        words: Weights of the word encoder, the network "text".
        models: Weights files whose tensors are named network.parameter: encoder, decoder and prior of Shap-E; base,
            upsampler and sdf of Point-E.

    Raises:
        BrokenWeights: A file is missing or corrupt.
    """
    averages: dict[str, dict[str, torch.Tensor]] = {"text": load_float32(words)}
    for name, tensor in (item for weights in models for item in load_float32(weights).items()):
        network, _, parameter = name.partition(".")
        averages.setdefault(network, {})[parameter] = tensor
    return {"averages": averages}


def tower_checkpoint(weights: Path) -> Checkpoint:
    """Return the checkpoint of the image tower, the network "tower"; its outputs are those of the kinds that it knows.

    Raises:
        BrokenWeights: The file is missing or corrupt.
    """
    return {"averages": {"tower": load_float32(weights)}}


def glide_checkpoint(weights: Path, vocabulary: Path = VOCABULARY) -> Checkpoint:
    """Return the checkpoint of GLIDE, the networks "text" and "image", with a row of embeddings for every word.

    Args:
        weights: The weights file, which may have been trained with the words of an earlier training.
        vocabulary: The words of the latest training and of earlier ones.

    Raises:
        BrokenWeights: The file is missing or corrupt.
        ValueError: It was trained with other words.
    """
    tensors = load_float32(weights)
    old, new = vocabulary_of_size(len(tensors[EMBEDDING]) - 1, vocabulary), Vocabulary.read(vocabulary)
    if len(old.ids) < len(new.ids):
        tensors |= {EMBEDDING: extended(tensors, old, new)[EMBEDDING].float()}
    text = {name: tensor for name, tensor in tensors.items() if name.startswith(GLIDE_TEXT)}
    image = {name: tensor for name, tensor in tensors.items() if name not in text}
    return {"averages": {"text": text, "image": image}}


def vocabulary_of_size(words: int, path: Path) -> Vocabulary:
    """Return the vocabulary of the latest training or of an earlier one, by its number of words.

    Raises:
        ValueError: None has so many.
    """
    entries = json.loads(path.read_text(encoding="utf-8")).get("earlier", ())
    known = [Vocabulary.read(path, model) for model in ("", *(entry["models"][0] for entry in entries))]
    for vocabulary in known:
        if len(vocabulary.ids) == words:
            return vocabulary
    counts = " or ".join(str(len(vocabulary.ids)) for vocabulary in known)
    raise ValueError(f"The weights were trained with {words} words; {path.name} has {counts}.")


def checkpoint_of_models(models: list[str], words: Path, weights: list[Path]) -> Checkpoint:
    """Return the checkpoint of some of `WEIGHTS`, see the functions above.

    Raises:
        BrokenWeights: A file is missing or corrupt.
        ValueError: The models share no checkpoint, or there is not one file for each.
    """
    if len(models) > 1 and not {*models} <= {*WITH_WORDS}:
        raise ValueError(f"{' and '.join(models)} share no checkpoint. Write one for each.")
    if len(weights) != len(models):
        raise ValueError(f"There are {len(models)} models and {len(weights)} files. Name one file for each model.")
    alone = {"tower": tower_checkpoint, "glide": glide_checkpoint}.get(models[0])
    return alone(weights[0]) if alone else checkpoint_of(words, *weights)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", nargs="+", choices=[*WEIGHTS], default=[*WITH_WORDS], dest="models")
    parser.add_argument("--weights", type=Path, nargs="+", help="files of these models, in place of the included ones")
    parser.add_argument("--words", type=Path, default=WORDS_WEIGHTS)
    arguments = parser.parse_args()
    files = arguments.weights or [WEIGHTS[model] for model in arguments.models]
    try:
        save_atomically(checkpoint_of_models(arguments.models, arguments.words, files), arguments.out)
    except ValueError as error:
        parser.error(str(error))
