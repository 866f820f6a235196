# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the shipped weights, running averages in float16: `python -m mini.export AUTOENCODER DECODER PRIOR`."""

import argparse
from pathlib import Path

from safetensors.torch import save_file

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS

from .training import average_of


def shipped_tensors(autoencoder, decoder, prior):
    """prefix.name -> float16 tensor of the encoder, decoder, prior and text encoder."""
    sources = {"encoder": autoencoder, "decoder": decoder, "prior": prior, "text": prior}
    states = {name: average_of(checkpoint, name) for name, checkpoint in sources.items()}
    return {
        f"{network}.{name}": t.half().contiguous() for network, state in states.items() for name, t in state.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("decoder", type=Path, help="of train_decoder, or the autoencoder again")
    parser.add_argument("prior", type=Path)
    parser.add_argument("--out", type=Path, default=SHAP_E_WEIGHTS)
    arguments = parser.parse_args()
    save_file(shipped_tensors(arguments.autoencoder, arguments.decoder, arguments.prior), arguments.out)
    arguments.out.chmod(0o644)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 2**20:.1f} MiB")
