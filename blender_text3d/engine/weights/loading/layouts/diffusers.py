# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert Shap-E in the diffusers library's layout to the official names and order.

diffusers stores queries, keys and values as three matrices with rows in (head, channel) order; the official c_qkv is
one matrix with rows in (head, query | key | value, channel) order.

Source: tensor names and shapes of diffusers 0.42.1's PriorTransformer and ShapERenderer; the official background,
transmitter_config.yaml (published SHA-256 ffe1bcb4).
"""

import re

import torch
from torch import Tensor

from .prefixes import replace_prefix

PRIOR = {
    "positional_embedding": "wrapped.pos_emb",
    "time_embedding.linear_1": "wrapped.time_embed.c_fc",
    "time_embedding.linear_2": "wrapped.time_embed.c_proj",
    "proj_in": "wrapped.input_proj",
    "proj_to_clip_embeddings": "wrapped.output_proj",
    "norm_in": "wrapped.ln_pre",
    "norm_out": "wrapped.ln_post",
    "transformer_blocks": "wrapped.backbone.resblocks",
}
TEXT_CONDITION = {"embedding_proj": "wrapped.clip_embed"}
IMAGE_CONDITION = {"embedding_proj_norm": "wrapped.clip_embed.0", "embedding_proj": "wrapped.clip_embed.1"}
BLOCK = {
    "attn1.to_out.0": "attn.c_proj",
    "ff.net.0.proj": "mlp.c_fc",
    "ff.net.2": "mlp.c_proj",
    "norm1": "ln_1",
    "norm3": "ln_2",
}
UNUSED = {"clip_mean", "clip_std", "mesh_decoder.cases", "mesh_decoder.masks"}
RENDERER = {"mlp.mlp": "renderer.nerstf.mlp", "void.background": "renderer.void.background"}
QUERY = re.compile(r"(transformer_blocks\.\d+)\.attn1\.to_q\.(weight|bias)")


def from_diffusers(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    """Return a prior's or a renderer's tensors by their official names; unknown names are kept.

    Args:
        tensors: Tensors of one file.
        heads: Attention heads of the prior.
    """
    tensors = {name: tensor for name, tensor in tensors.items() if name not in UNUSED}
    return _prior(tensors, heads) if "positional_embedding" in tensors else _renderer(tensors)


def interleaved(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """Interleave `(D, ...) float32` matrices, rows (head, channel), to `(3 D, ...)`, rows (head, qkv, channel)."""
    parts = [part.view(heads, -1, *part.shape[1:]) for part in (query, key, value)]
    return torch.stack(parts, dim=1).reshape(-1, *query.shape[1:])


def _prior(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    names = PRIOR | (IMAGE_CONDITION if "embedding_proj_norm.weight" in tensors else TEXT_CONDITION)
    official = {}
    for match in filter(None, [QUERY.fullmatch(name) for name in tensors]):
        block, kind = match.groups()
        sources = [f"{block}.attn1.to_{letter}.{kind}" for letter in "qkv"]
        if all(source in tensors for source in sources):
            query, key, value = (tensors.pop(source) for source in sources)
            official[replace_prefix(f"{block}.attn.c_qkv.{kind}", names)] = interleaved(query, key, value, heads)
    official |= {_in_prior(name, names): tensor for name, tensor in tensors.items()}
    if "wrapped.pos_emb" in official:
        official["wrapped.pos_emb"] = official["wrapped.pos_emb"].squeeze(0)
    return official


def _in_prior(name: str, names: dict[str, str]) -> str:
    block = re.fullmatch(r"(transformer_blocks\.\d+)\.(.+)", name)
    return replace_prefix(f"{block[1]}.{replace_prefix(block[2], BLOCK)}" if block else name, names)


def _renderer(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    official = {replace_prefix(name, RENDERER): tensor for name, tensor in tensors.items()}
    if "renderer.void.background" in official:  # white in diffusers, black in the official decoder
        official["renderer.void.background"] = torch.zeros_like(official["renderer.void.background"])
    return official
