# SPDX-License-Identifier: GPL-3.0-or-later
"""Small networks in the hub's layouts; their weights are derived from their tensors' names, as in tests/parity."""

import zlib

import numpy as np
import torch

SEED = 20261122
HEADS = 4
PRIOR = dict(d_latent=16 * 24, latent_ctx=16, width=32, layers=2, heads=HEADS)
DECODER = dict(d_row=12, d_hidden=16)
CLIP_TEXT = dict(vocab_size=96, context_length=12, width=32, layers=2, heads=HEADS, embed_dim=20)
CLIP_IMAGE = dict(image_resolution=28, patch_size=7, width=48, layers=2, heads=HEADS, embed_dim=20)
TEXT_CHANNELS, IMAGE_CHANNELS, IMAGE_CELLS = 20, 24, 9


def numbers_of(name, shape, seed=SEED):
    """float32 values that depend only on a tensor's name and shape."""
    draw = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) + seed)).standard_normal(shape)
    scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
    middle = 1.0 if len(shape) == 1 and name.endswith("weight") else 0.0
    return torch.from_numpy(np.asarray(middle + scale * draw, np.float32))


def filled(shapes, seed=SEED):
    """Return tensors for names and shapes."""
    return {name: numbers_of(name, tuple(shape), seed) for name, shape in shapes.items()}
