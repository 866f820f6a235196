# SPDX-License-Identifier: GPL-3.0-or-later
"""Small networks of both engines with the same weights, those of the recipe for recorded outputs."""

from dataclasses import replace

import torch
from torch import nn

from blender_text3d.engine.conditioning.condition import Condition
from blender_text3d.engine.nn.point_transformer import (
    CLIPImageGridPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointTransformerConfig,
)
from blender_text3d.engine.point_e.configs import CHANNEL_BIASES, CHANNEL_SCALES
from blender_text3d.engine.point_e.official import PointE, coarse_stage, fine_stage, unconditioned
from blender_text3d.engine.point_e.sdf import CrossAttentionPointCloudSDFModel, SDFConfig
from blender_text3d.engine.point_e.upsampler import (
    CLIPImageGridUpsamplePointDiffusionTransformer,
    UpsamplerConfig,
)
from blender_text3d.engine.reference import point_e, shap_e, shap_e_configs
from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from blender_text3d.engine.shap_e.official import ShapE
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion
from scripts.parity.weight_recipe import fill_weights

CPU, SEED, POINTS = torch.device("cpu"), 20261122, (48, 80)
WIDTH, HEADS, LAYERS = 64, 4, 2
ROWS_WIDE, D_ROW = 16, 24


def vector_condition(_recipe: object) -> Condition:
    """Return a vector of unit length for any prompt."""
    vector = torch.randn(1, 768, generator=torch.Generator().manual_seed(1))
    return Condition(vector / vector.norm())


def grid_condition(_recipe: object) -> Condition:
    """Return a grid like that of CLIP's image tower for any image."""
    return Condition(torch.randn(1, 1024, 256, generator=torch.Generator().manual_seed(2)))


def both_point_e(*, has_images: bool) -> tuple[PointE, point_e.ReferencePointE]:
    """Return (this engine's model, the official one)."""
    reader, keyword = (grid_condition, "images") if has_images else (vector_condition, "embeddings")
    base, fine, sdf = (fill_weights(network, SEED) for network in our_point_e(has_images))
    fine_run = fine if has_images else unconditioned(fine)
    stages = (
        replace(coarse_stage(base), points=POINTS[0]),
        replace(fine_stage(fine_run, guidance=None if has_images else 0.0), points=POINTS[1]),
    )
    ours = PointE(reader, stages, CPU, "")
    ours.__dict__["sdf"] = sdf
    *networks, distances = (fill_weights(point_e.network(config, CPU), SEED) for config in official_point_e(has_images))
    return ours, point_e.ReferencePointE(reader, keyword, networks, distances, CPU, POINTS, has_images)


def our_point_e(has_images: bool) -> tuple[nn.Module, ...]:
    """Return the coarse, fine and distance networks."""
    size = dict(input_channels=6, output_channels=12, width=WIDTH, layers=LAYERS, heads=HEADS)
    kind = CLIPImageGridPointDiffusionTransformer if has_images else CLIPImagePointDiffusionTransformer
    base = kind(PointTransformerConfig(n_ctx=POINTS[0], condition_channels=1024 if has_images else 768, **size))
    scaled = dict(channel_scales=CHANNEL_SCALES, channel_biases=CHANNEL_BIASES)
    sizes = UpsamplerConfig(n_ctx=POINTS[1], cond_ctx=POINTS[0], condition_channels=1024, **scaled, **size)
    sdf = SDFConfig(width=WIDTH, encoder_layers=2, encoder_heads=4, decoder_layers=2, decoder_heads=4)
    return base, CLIPImageGridUpsamplePointDiffusionTransformer(sizes), CrossAttentionPointCloudSDFModel(sdf)


def official_point_e(has_images: bool) -> tuple[dict, ...]:
    """Return smaller official configurations of the same three."""
    from point_e.models.configs import MODEL_CONFIGS

    small = dict(width=WIDTH, layers=LAYERS, heads=HEADS)
    base = MODEL_CONFIGS["base40M" if has_images else "base40M-textvec"] | small | dict(n_ctx=POINTS[0])
    fine = MODEL_CONFIGS["upsample"] | small | dict(n_ctx=POINTS[1], cond_ctx=POINTS[0])
    layers = dict(encoder_layers=2, encoder_heads=4, decoder_layers=2, decoder_heads=4, n_ctx=sum(POINTS))
    return base, fine, MODEL_CONFIGS["sdf"] | dict(width=WIDTH) | layers


def both_shap_e() -> tuple[ShapE, shap_e.ReferenceShapE]:
    """Return (this engine's model, the official one)."""
    rows = 4 * ROWS_WIDE
    prior = PriorConfig(d_latent=rows * D_ROW, latent_ctx=rows, width=WIDTH, layers=LAYERS, heads=HEADS)
    sizes = DecoderConfig(d_row=D_ROW, d_hidden=ROWS_WIDE)
    networks = fill_weights(SplitVectorDiffusion(prior), SEED), fill_weights(VectorDecoder(sizes), SEED)
    small = dict(heads=HEADS, width=WIDTH, layers=LAYERS, rows=rows, d_row=D_ROW, token_cond=True)
    configs = (
        shap_e_configs.prior("CLIPImagePointDiffusionTransformer", **small),
        shap_e_configs.decoder(d_row=D_ROW, d_hidden=ROWS_WIDE),
    )
    official = [fill_weights(shap_e.network(config, CPU), SEED) for config in configs]
    return ShapE(vector_condition, *networks, CPU, ""), shap_e.ReferenceShapE(
        vector_condition, "embeddings", *official, CPU
    )
