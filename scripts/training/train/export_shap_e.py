# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the weights of the small Shap-E, running averages in float16.

Run as `python -m scripts.training.train.export_shap_e AUTOENCODER DECODER PRIOR`.

The word encoder of the prior has a separate file, which the small Point-E shares: its base must have been trained with
that encoder (`train.point_e_base --text`).
"""

import argparse
from pathlib import Path

from safetensors.torch import save_file

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS, WORDS_WEIGHTS

from .loop import average_of


def shipped_tensors(autoencoder, decoder, prior):
    """Return prefix.name -> float16 tensor of the encoder, decoder and prior."""
    sources = {"encoder": autoencoder, "decoder": decoder, "prior": prior}
    states = {name: average_of(checkpoint, name) for name, checkpoint in sources.items()}
    return {
        f"{network}.{name}": t.half().contiguous() for network, state in states.items() for name, t in state.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("decoder", type=Path, help="checkpoint of train.decoder, or the autoencoder again")
    parser.add_argument("prior", type=Path)
    parser.add_argument("--out", type=Path, default=SHAP_E_WEIGHTS)
    parser.add_argument("--words-out", type=Path, default=WORDS_WEIGHTS)
    arguments = parser.parse_args()
    tensors = shipped_tensors(arguments.autoencoder, arguments.decoder, arguments.prior)
    words = {name: t.half().contiguous() for name, t in average_of(arguments.prior, "text").items()}
    for path, content in ((arguments.out, tensors), (arguments.words_out, words)):
        save_file(content, path)
        path.chmod(0o644)
        print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")
