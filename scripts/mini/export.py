# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the shipped weights, running averages in float16: `python -m mini.export AUTOENCODER PRIOR`."""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS


def shipped_tensors(autoencoder, prior):
    """prefix.name -> float16 tensor of the encoder, decoder, prior and text encoder."""
    encoder_state, decoder_state = torch.load(autoencoder, map_location="cpu")["averages"]
    prior_state, text_state = torch.load(prior, map_location="cpu")["averages"]
    states = {"encoder.": encoder_state, "decoder.": decoder_state, "prior.": prior_state, "text.": text_state}
    return {
        prefix + name: value.half().contiguous() for prefix, state in states.items() for name, value in state.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("prior", type=Path)
    parser.add_argument("--out", type=Path, default=SHAP_E_WEIGHTS)
    arguments = parser.parse_args()
    save_file(shipped_tensors(arguments.autoencoder, arguments.prior), arguments.out)
    arguments.out.chmod(0o644)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 2**20:.1f} MiB")
