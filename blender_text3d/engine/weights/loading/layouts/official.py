# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's own files; the networks have their names.

Source: tensor lists of the released checkpoints; clip/model.py of openai/CLIP for the other entries of its archive.
"""

from torch import Tensor

CLIP_SIZES = {"input_resolution", "context_length", "vocab_size"}
"""Sizes that CLIP's archive stores as tensors."""


def from_official(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    """Return the tensors unchanged, without CLIP's sizes."""
    return {name: tensor for name, tensor in tensors.items() if name not in CLIP_SIZES}


def from_transmitter(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    """Return the decoder that the official encoder's file also contains, without the encoder."""
    prefix = "encoder.params_proj."
    return {
        name.removeprefix("encoder."): tensor
        for name, tensor in tensors.items()
        if name.startswith((prefix, "renderer."))
    }
