# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert CLIP in the transformers library's layout to the official names and order.

transformers stores queries, keys and values as three matrices; concatenated they are the official in_proj_weight. Its
projections are linear layers, which are the official ones transposed.

Source: tensor names and shapes of transformers 5.23's CLIPModel.
"""

import re

import torch
from torch import Tensor

from .prefixes import replace_prefix

TOWERS = {
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm": "ln_final",
    "text_model.encoder.layers": "transformer.resblocks",
    "text_projection.weight": "text_projection",
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding": "visual.conv1",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "vision_model.pre_layrnorm": "visual.ln_pre",
    "vision_model.post_layernorm": "visual.ln_post",
    "vision_model.encoder.layers": "visual.transformer.resblocks",
    "visual_projection.weight": "visual.proj",
}
LAYER = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
TRANSPOSED = ("text_projection", "visual.proj")
UNUSED = ("position_ids",)
QUERY = re.compile(r"(.+\.layers\.\d+)\.self_attn\.q_proj\.(weight|bias)")


def from_transformers(tensors: dict[str, Tensor], heads: int) -> dict[str, Tensor]:
    """Return the tensors of one or both towers by their official names; unknown names are kept."""
    tensors = {name: tensor for name, tensor in tensors.items() if not name.endswith(UNUSED)}
    official = {}
    for match in filter(None, [QUERY.fullmatch(name) for name in tensors]):
        layer, kind = match.groups()
        sources = [f"{layer}.self_attn.{letter}_proj.{kind}" for letter in "qkv"]
        if all(source in tensors for source in sources):
            joined = torch.cat([tensors.pop(source) for source in sources])
            official[replace_prefix(f"{layer}.attn.in_proj_{kind}", TOWERS)] = joined
    official |= {_in_tower(name): tensor for name, tensor in tensors.items()}
    return {name: tensor.t().contiguous() if name in TRANSPOSED else tensor for name, tensor in official.items()}


def _in_tower(name: str) -> str:
    layer = re.fullmatch(r"(.+\.layers\.\d+)\.(.+)", name)
    return replace_prefix(f"{layer[1]}.{replace_prefix(layer[2], LAYER)}" if layer else name, TOWERS)
