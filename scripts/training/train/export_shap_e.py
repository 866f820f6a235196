# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the weights of the small Shap-E, running averages: the prior's matrices in 8 bits, all else in float16.

Run as `python -m scripts.training.train.export_shap_e AUTOENCODER DECODER PRIOR`.

The word encoder of the prior has a separate file, from `train.export_words`. The small Point-E shares it: its base must
have been trained with that encoder (`train.point_e_base --text`).
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.weights.loading.eight_bits import compressed

from .exported import half, write_weights
from .loop import average_of


def shipped_tensors(autoencoder, decoder, prior):
    """Return prefix.name -> tensor to store of the encoder, decoder and prior."""
    sources = {"encoder": autoencoder, "decoder": decoder, "prior": prior}
    states = {name: average_of(checkpoint, name) for name, checkpoint in sources.items()}
    prefixed = {name: {f"{name}.{key}": tensor for key, tensor in state.items()} for name, state in states.items()}
    return half(prefixed["encoder"]) | half(prefixed["decoder"]) | compressed(prefixed["prior"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("decoder", type=Path, help="checkpoint of train.decoder, or the autoencoder again")
    parser.add_argument("prior", type=Path)
    parser.add_argument("--out", type=Path, default=SHAP_E_WEIGHTS)
    arguments = parser.parse_args()
    write_weights(shipped_tensors(arguments.autoencoder, arguments.decoder, arguments.prior), arguments.out)
