# SPDX-License-Identifier: GPL-3.0-or-later
"""A small decoder with the weights of the recorded outputs; see README.md in this folder."""

import zlib
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder

SEED = 20261122
CONFIG = DecoderConfig(d_row=24, d_hidden=16)


def recorded(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file of recorded outputs."""
    with np.load(Path(__file__).with_name(name)) as arrays:
        return {name: arrays[name] for name in arrays.files}


def small_decoder() -> VectorDecoder:
    """Return the decoder of the recorded cases."""
    decoder = VectorDecoder(CONFIG)
    for part in (decoder.params_proj, decoder.renderer):
        part.load_state_dict({name: weight(name, tuple(value.shape)) for name, value in part.state_dict().items()})
    return decoder.eval().requires_grad_(False)


def weight(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Return a tensor generated from its name and shape."""
    draw = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) + SEED)).standard_normal(shape)
    values = draw.astype(np.float32)
    if len(shape) > 1:
        return torch.from_numpy(values / np.float32(np.sqrt(np.prod(shape[1:]))))
    return torch.from_numpy(1 + 0.1 * values if name.endswith(("weight", "gain")) else 0.1 * values).float()
