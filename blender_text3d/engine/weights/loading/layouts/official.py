# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's own files. Our networks have their names, so little is left to do.

Source: tensor lists of the released checkpoints; clip/model.py of openai/CLIP for what its archive holds besides.
"""

from torch import Tensor

CLIP_SIZES = {"input_resolution", "context_length", "vocab_size"}
"""Numbers that CLIP's archive keeps among its tensors."""


def from_official(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    """As they are, without the sizes that CLIP keeps among them."""
    return {name: tensor for name, tensor in tensors.items() if name not in CLIP_SIZES}


def from_transmitter(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    """The decoder that the official encoder's file holds too; the encoder itself is left on the disk."""
    prefix = "encoder.params_proj."
    return {
        name.removeprefix("encoder."): tensor
        for name, tensor in tensors.items()
        if name.startswith((prefix, "renderer."))
    }
