# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks from official configurations, and one forward pass of each."""

import torch
from torch import Tensor, nn

from blender_text3d.engine.diffusion.schedule import BETAS, Schedule
from blender_text3d.engine.nn.point_transformer import (
    CLIPImageGridPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointDiffusionTransformer,
    PointTransformerConfig,
)
from blender_text3d.engine.point_e.sdf import CrossAttentionPointCloudSDFModel, SDFConfig
from blender_text3d.engine.point_e.upsampler import (
    CLIPImageGridUpsamplePointDiffusionTransformer,
    UpsamplePointDiffusionTransformer,
    UpsamplerConfig,
)
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion
from scripts.parity.case import Case, ConfigReader, InvalidCase
from scripts.parity.weight_recipe import fill_weights

TRANSFORMERS = {
    network.__name__: network
    for network in (
        PointDiffusionTransformer,
        CLIPImagePointDiffusionTransformer,
        CLIPImageGridPointDiffusionTransformer,
        UpsamplePointDiffusionTransformer,
        CLIPImageGridUpsamplePointDiffusionTransformer,
    )
}
TRAINING = ("init_scale", "cond_drop_prob", "pos_emb_init_scale", "frozen_clip", "cache_dir")
CONDITIONS = ("embeddings", "low_res")


def network_of(keys: ConfigReader, case: Case) -> nn.Module:
    """Return the network of a configuration with the recipe's weights.

    Raises:
        InvalidCase: a network, a key or a value is unknown.
    """
    name = keys.require("name")
    if name == "CrossAttentionPointCloudSDFModel":
        network = CrossAttentionPointCloudSDFModel(sdf_config(keys))
    elif name == "SplitVectorDiffusion":
        network = SplitVectorDiffusion(prior_config(keys, case))
    elif name in TRANSFORMERS:
        network = TRANSFORMERS[name](transformer_config(keys, name, case))
    else:
        raise InvalidCase(f"The case '{case.name}' has an unknown network: {name}.")
    keys.ignore(*TRAINING)
    keys.finish()
    return fill_weights(network, case.seed)


def transformer_config(keys: ConfigReader, name: str, case: Case) -> PointTransformerConfig:
    """Return a transformer's configuration; missing keys have the official code's defaults."""
    common = dict(
        input_channels=keys.take("input_channels", 3),
        output_channels=keys.take("output_channels", 3),
        n_ctx=keys.take("n_ctx", 3072 if "Upsample" in name else 1024),
        width=keys.take("width", 512),
        layers=keys.take("layers", 12),
        heads=keys.take("heads", 8),
        condition_channels=condition_channels(case),
        time_token=keys.take("time_token_cond", False),
        condition_token=keys.take("token_cond", False),
        use_pos_emb=keys.take("use_pos_emb", False),
    )
    if "Upsample" not in name:
        return PointTransformerConfig(**common)
    scales, biases = keys.take("channel_scales"), keys.take("channel_biases")
    return UpsamplerConfig(
        **common,
        cond_ctx=keys.take("cond_ctx", 1024),
        cond_input_channels=keys.take("cond_input_channels"),
        channel_scales=None if scales is None else tuple(scales),
        channel_biases=None if biases is None else tuple(biases),
    )


def condition_channels(case: Case) -> int:
    """Return the number of channels of the recorded condition, 1 if there is none."""
    return case.inputs["embeddings"].shape[1] if "embeddings" in case.inputs else 1


def sdf_config(keys: ConfigReader) -> SDFConfig:
    """Return the distance network's configuration; missing keys have the official code's defaults."""
    return SDFConfig(
        width=keys.take("width", 512),
        encoder_layers=keys.take("encoder_layers", 12),
        encoder_heads=keys.take("encoder_heads", 8),
        decoder_layers=keys.take("decoder_layers", 4),
        decoder_heads=keys.take("decoder_heads", 8),
        n_ctx=keys.take("n_ctx", 4096),
    )


def prior_config(keys: ConfigReader, case: Case) -> PriorConfig:
    """Return the prior's configuration, whose transformer is the section "inner".

    Raises:
        InvalidCase: the inner network is unknown.
    """
    inner = keys.section("inner")
    name = inner.require("name")
    kinds = {"CLIPImagePointDiffusionTransformer": False, "CLIPImageGridPointDiffusionTransformer": True}
    if name not in kinds:
        raise InvalidCase(f"The case '{case.name}' has an unknown inner network: {name}.")
    inner.ignore(*TRAINING)
    inner.expect(True, "time_token_cond", "use_pos_emb", *(() if kinds[name] else ("token_cond",)))
    config = PriorConfig(
        d_latent=keys.require("d_latent"),
        latent_ctx=keys.take("latent_ctx", 1),
        width=inner.take("width", 512),
        layers=inner.take("layers", 12),
        heads=inner.take("heads", 8),
        condition_channels=condition_channels(case),
        condition_grid=kinds[name],
    )
    inner.finish()
    return config


def schedules(case: Case) -> dict[str, Tensor]:
    """Return the share of signal left at each timestep of each recorded schedule.

    Raises:
        InvalidCase: a schedule is unknown.
    """
    found = {}
    for key, expected in case.expected.items():
        name = key.removesuffix("_alphas_cumprod")
        if name == key or name not in BETAS:
            raise InvalidCase(f"The array 'schedule/{key}' belongs to no known schedule.")
        found[key] = torch.from_numpy(Schedule(name, len(expected)).alphas_cumprod)
    return found


def forward_pass(case: Case) -> dict[str, Tensor]:
    """Return {"y": the output of a case's network}, or the schedules of the schedule case."""
    if case.config.get("name") == "schedule":
        return schedules(case)
    network = network_of(case.config_reader, case)
    names = ("cloud", "query") if isinstance(network, CrossAttentionPointCloudSDFModel) else ("x", "t", *CONDITIONS)
    return {"y": network(*case.select_inputs(*names))}
