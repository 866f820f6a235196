# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a checkpoint to train on from, of weights files: `python -m scripts.training.train.start_checkpoint OUT`.

The trainers of the small Shap-E and Point-E take it as --start and --text, so that a training need not begin from
nothing.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.mini.files import POINT_E_WEIGHTS, SHAP_E_WEIGHTS, WORDS_WEIGHTS
from blender_text3d.engine.weights.loading.load_tensors import load_float32

from .loop import save_atomically


def checkpoint_of(words: Path, *models: Path) -> dict[str, dict[str, dict[str, torch.Tensor]]]:
    """Return what `loop.average_of` reads: the running averages of networks by their name, float32.

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--weights", type=Path, nargs="+", default=[SHAP_E_WEIGHTS, POINT_E_WEIGHTS])
    parser.add_argument("--words", type=Path, default=WORDS_WEIGHTS)
    arguments = parser.parse_args()
    save_atomically(checkpoint_of(arguments.words, *arguments.weights), arguments.out)
