# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of other libraries' tensors, and what a file may contain besides them."""

import pytest
import torch

from blender_text3d.engine.weights.catalogue import DIFFUSERS, OFFICIAL, TRANSFORMERS, TRANSMITTER
from blender_text3d.engine.weights.loading.layouts import TO_OFFICIAL
from blender_text3d.engine.weights.loading.layouts.prefixes import replace_prefix

ONE = torch.ones(1)


def renamed(layout, *names, heads=1):
    tensors = {name: torch.full((1, 2, 1) if "pos" in name else (1, 2), float(i)) for i, name in enumerate(names)}
    return list(TO_OFFICIAL[layout](tensors, heads))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("norm.weight", "ln.weight"),
        ("norm", "ln"),
        ("norm2.weight", "norm2.weight"),
        ("a.norm.weight", "a.norm.weight"),
        ("block.0.proj.weight", "inner.weight"),
        ("block.0.other", "blocks.0.other"),
        ("block.00.other", "blocks.00.other"),
        ("", ""),
    ],
)
def test_the_longest_prefix_that_ends_at_a_dot_is_replaced(name, expected):
    assert replace_prefix(name, {"norm": "ln", "block": "blocks", "block.0.proj": "inner"}) == expected


def test_the_official_layout_keeps_all_names_but_clips_sizes():
    names = ["a.weight", "input_resolution", "context_length", "vocab_size", "visual.proj"]
    assert renamed(OFFICIAL, *names) == ["a.weight", "visual.proj"]


def test_the_encoders_file_has_the_decoder_under_other_names():
    names = ["encoder.params_proj.a", "encoder.backbone.b", "renderer.nerstf.c", "encoder.renderer.d", "params_proj.e"]
    assert renamed(TRANSMITTER, *names) == ["params_proj.a", "renderer.nerstf.c"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("time_embedding.linear_1.weight", "wrapped.time_embed.c_fc.weight"),
        ("time_embedding.linear_2.bias", "wrapped.time_embed.c_proj.bias"),
        ("proj_in.weight", "wrapped.input_proj.weight"),
        ("proj_to_clip_embeddings.weight", "wrapped.output_proj.weight"),
        ("norm_in.weight", "wrapped.ln_pre.weight"),
        ("norm_out.bias", "wrapped.ln_post.bias"),
        ("transformer_blocks.11.attn1.to_out.0.weight", "wrapped.backbone.resblocks.11.attn.c_proj.weight"),
        ("transformer_blocks.0.ff.net.0.proj.weight", "wrapped.backbone.resblocks.0.mlp.c_fc.weight"),
        ("transformer_blocks.0.ff.net.2.bias", "wrapped.backbone.resblocks.0.mlp.c_proj.bias"),
        ("transformer_blocks.0.norm1.weight", "wrapped.backbone.resblocks.0.ln_1.weight"),
        ("transformer_blocks.0.norm3.weight", "wrapped.backbone.resblocks.0.ln_2.weight"),
        ("transformer_blocks.0.attn1.to_q.weight", "wrapped.backbone.resblocks.0.attn1.to_q.weight"),
        ("embedding_proj.weight", "wrapped.clip_embed.weight"),
        ("unknown.weight", "unknown.weight"),
    ],
)
def test_a_priors_names_become_the_official_ones(theirs, ours):
    assert renamed(DIFFUSERS, "positional_embedding", theirs) == ["wrapped.pos_emb", ours]


def test_an_image_prior_has_a_norm_before_the_projection_of_its_condition():
    names = ["positional_embedding", "embedding_proj_norm.weight", "embedding_proj.weight", "clip_mean", "clip_std"]
    expected = ["wrapped.pos_emb", "wrapped.clip_embed.0.weight", "wrapped.clip_embed.1.weight"]
    assert renamed(DIFFUSERS, *names) == expected


def test_a_priors_positions_have_no_batch_axis():
    official = TO_OFFICIAL[DIFFUSERS]({"positional_embedding": torch.zeros(1, 4, 8)}, 1)
    assert official["wrapped.pos_emb"].shape == (4, 8)


def test_queries_keys_and_values_of_a_block_are_joined_in_this_order():
    prefix = "transformer_blocks.3.attn1.to_"
    tensors = {"positional_embedding": torch.zeros(1, 1, 1)}
    tensors |= {
        f"{prefix}{letter}.bias": torch.tensor([value]) for letter, value in zip("vkq", (3.0, 2.0, 1.0), strict=True)
    }
    official = TO_OFFICIAL[DIFFUSERS](dict(tensors), 1)
    assert official["wrapped.backbone.resblocks.3.attn.c_qkv.bias"].tolist() == [1, 2, 3]
    assert len(official) == 2


def test_a_renderers_names_become_the_official_ones():
    names = ["mlp.mlp.6.weight", "void.background", "params_proj.a", "mesh_decoder.cases", "mesh_decoder.masks"]
    expected = ["renderer.nerstf.mlp.6.weight", "renderer.void.background", "params_proj.a"]
    assert renamed(DIFFUSERS, *names) == expected


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
        ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
        ("text_model.final_layer_norm.bias", "ln_final.bias"),
        ("text_model.encoder.layers.11.layer_norm1.weight", "transformer.resblocks.11.ln_1.weight"),
        ("text_model.encoder.layers.0.layer_norm2.weight", "transformer.resblocks.0.ln_2.weight"),
        ("text_model.encoder.layers.0.mlp.fc1.bias", "transformer.resblocks.0.mlp.c_fc.bias"),
        ("text_model.encoder.layers.0.mlp.fc2.bias", "transformer.resblocks.0.mlp.c_proj.bias"),
        ("text_model.encoder.layers.0.self_attn.out_proj.bias", "transformer.resblocks.0.attn.out_proj.bias"),
        ("vision_model.embeddings.class_embedding", "visual.class_embedding"),
        ("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"),
        ("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"),
        ("vision_model.pre_layrnorm.weight", "visual.ln_pre.weight"),
        ("vision_model.post_layernorm.weight", "visual.ln_post.weight"),
        ("vision_model.encoder.layers.23.mlp.fc1.weight", "visual.transformer.resblocks.23.mlp.c_fc.weight"),
        ("logit_scale", "logit_scale"),
    ],
)
def test_clips_names_become_the_official_ones(theirs, ours):
    assert renamed(TRANSFORMERS, theirs, "text_model.embeddings.position_ids") == [ours]


def test_clips_projections_are_transposed_and_its_layers_are_not():
    tensors = {name: torch.arange(6.0).view(2, 3) for name in (
        "text_projection.weight", "visual_projection.weight", "text_model.encoder.layers.0.mlp.fc1.weight",
    )}  # fmt: skip
    official = TO_OFFICIAL[TRANSFORMERS](tensors, 0)
    assert {name: tuple(value.shape) for name, value in official.items()} == {
        "text_projection": (3, 2), "visual.proj": (3, 2), "transformer.resblocks.0.mlp.c_fc.weight": (2, 3),
    }  # fmt: skip
    assert official["visual.proj"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert official["visual.proj"].is_contiguous()


def test_clips_queries_keys_and_values_are_joined_in_this_order_unless_one_is_missing():
    prefix = "vision_model.encoder.layers.2.self_attn"
    tensors = {
        f"{prefix}.{letter}_proj.weight": torch.tensor([[value]]) for letter, value in {"v": 3, "k": 2, "q": 1}.items()
    }
    official = TO_OFFICIAL[TRANSFORMERS](dict(tensors), 0)
    assert {name: value.tolist() for name, value in official.items()} == {
        "visual.transformer.resblocks.2.attn.in_proj_weight": [[1], [2], [3]]
    }
    del tensors[f"{prefix}.k_proj.weight"]
    assert set(TO_OFFICIAL[TRANSFORMERS](dict(tensors), 0)) == {
        f"visual.transformer.resblocks.2.self_attn.{letter}_proj.weight" for letter in "qv"
    }
