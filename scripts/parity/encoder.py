# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's encoder from an official configuration, and its outputs."""

import torch
from torch import Tensor

from blender_text3d.engine.shap_e.decoder import DecoderConfig
from blender_text3d.engine.shap_e.encoding.encoder_inputs import (
    EncoderInputs,
    PerceiverEncoderConfig,
    pixel_positions,
)
from blender_text3d.engine.shap_e.encoding.random_order import RandomOrder
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.shap_e.encoding.view_patches import is_opaque
from blender_text3d.system.run_steps import run_steps
from scripts.parity.case import Case, ConfigReader, InvalidCase
from scripts.parity.decoder import check_state
from scripts.parity.weight_recipe import fill_weights

ARRAYS = ("points", "views", "view_alphas", "depths", "cameras")
FIELD_CHANNELS, FIELD_META_LAYERS = 93, 4


def encode(case: Case) -> dict[str, Tensor]:
    """Return an encoder's outputs for recorded orders."""
    config = encoder_config(case.config_reader)
    network = transmitter_of(case, config)
    inputs = inputs_of(case)
    draws = [case.inputs[f"rand{index}"] for index in range(len(config.hidden)) if f"rand{index}" in case.inputs]
    order = RandomOrder.from_draws(draws, case.inputs["perm_points"], case.inputs["perm_views"])
    return encoder_outputs(network, inputs, order)


def encode_seeded(case: Case) -> dict[str, Tensor]:
    """Return the latent for the orders of a seed, and the numbers that the generator gives afterwards."""
    related = case.related.get(case.config.get("of", ""))
    if related is None:
        raise InvalidCase(f"The case '{case.name}' belongs to no other case.")
    config = encoder_config(related.config_reader)
    generator = torch.Generator().manual_seed(case.config["torch_manual_seed"])
    order = RandomOrder.from_generator(generator, inputs_of(related), config)
    latent = transmitter_of(related, config).encoder(inputs_of(related), order)
    count = len(case.expected["next_numbers"]) if "next_numbers" in case.expected else 0
    return {"latent": latent, "next_numbers": torch.rand(count, generator=generator)}


def encoder_outputs(network: Transmitter, inputs: EncoderInputs, order: RandomOrder) -> dict[str, Tensor]:
    """Return everything that is recorded of an encoding."""
    encoder, rows = network.encoder, range(len(inputs.points))
    batch, views, side = inputs.depths.shape[:3]
    cameras = torch.cat([inputs.cameras[..., :12], inputs.cameras[:1, :1, 12:].expand(batch, views, 2)], dim=2)
    pixels = [pixel_positions(cameras[row], inputs.depths[row], encoder.config.max_depth) for row in rows]
    every = torch.arange(views)
    embedded = [encoder.embedded_points(inputs.points[row]) for row in rows]
    vector = torch.stack([run_steps(encoder.encode(inputs, order, row)) for row in rows])
    return {
        "data_tokens": torch.stack([encoder.data_tokens(inputs, embedded[row], order, row) for row in rows]),
        "origin": torch.stack([origin for origin, _ in pixels]),
        "position": torch.stack([position for _, position in pixels]),
        "mask": is_opaque(inputs.alphas)[:, :, None],
        "view_tokens": torch.stack([torch.stack(list(encoder.view_tokens(inputs, row, every))) for row in rows]),
        "vector": vector,
        "latent": torch.tanh(vector),
    }


def inputs_of(case: Case) -> EncoderInputs:
    """Return the recorded inputs.

    Raises:
        InvalidCase: one is missing.
    """
    if missing := [name for name in ARRAYS if name not in case.inputs]:
        raise InvalidCase(f"The case '{case.name}' lacks the inputs {', '.join(missing)}.")
    return EncoderInputs(*(case.inputs[name] for name in ARRAYS))


def transmitter_of(case: Case, config: PerceiverEncoderConfig) -> Transmitter:
    """Return the transmitter with the recipe's weights; its tensors must be those listed, if they are.

    Raises:
        InvalidCase: they differ.
    """
    decoder = DecoderConfig(d_row=config.d_latent, d_hidden=config.rows // FIELD_META_LAYERS)
    network = Transmitter(config, decoder)
    check_state(case, {name: list(value.shape) for name, value in network.state_dict().items()})
    return fill_weights(network, case.seed)


def encoder_config(keys: ConfigReader) -> PerceiverEncoderConfig:
    """Return the encoder's configuration; missing keys have the official code's defaults.

    Raises:
        InvalidCase: a key or a value is unknown.
    """
    rows = keys.require("rows")
    keys.ignore("name")
    encoder = keys.section("encoder")
    keys.finish()
    encoder.expect("PointCloudPerceiverChannelsEncoder", "name")
    encoder.expect("pcl_and_multiview_pcl", "cross_attention_dataset")
    encoder.expect("first", "fps_method")
    encoder.expect("nerf", "pos_emb")
    encoder.expect("circular", "pointconv_padding_mode")
    encoder.expect(True, "use_depth", "use_pointconv")
    encoder.expect(6, "input_channels", default=6)
    encoder.expect(1, "min_unrolls", "max_unrolls")
    encoder.ignore("init_scale", "params_proj", "latent_bottleneck")
    points, views = encoder.require("inner_batch_size")
    config = PerceiverEncoderConfig(
        width=encoder.take("width", 512),
        layers=encoder.take("layers", 12),
        heads=encoder.take("heads", 8),
        cross_layers=encoder.take("xattn_layers", 1),
        d_latent=encoder.take("d_latent", 512),
        rows=rows,
        data_tokens=encoder.take("data_ctx", 1),
        points=points,
        views=views,
        image_size=encoder.take("image_size", 256),
        patch_size=encoder.take("patch_size", 32),
        max_depth=encoder.take("max_depth", 5.0),
        neighbors=encoder.take("pointconv_samples", 32),
        radius=encoder.take("pointconv_radius", 0.5),
        hidden=tuple(encoder.require("pointconv_hidden")),
        kernel=encoder.take("pointconv_patch_size", 1),
        stride=encoder.take("pointconv_stride", 1),
    )
    encoder.finish()
    return config
