# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's networks from official configurations."""

from dataclasses import dataclass

import torch
from torch import Tensor

from blender_text3d.engine.glide.configs import GlideConfig
from blender_text3d.engine.glide.text_transformer import TextFeatures, TextTransformer
from blender_text3d.engine.glide.unet import TextCondition, UNet
from scripts.parity.case import ConfigReader, InvalidCase
from scripts.parity.weight_recipe import fill_weights

IGNORED = ("num_heads", "num_heads_upsample", "dropout", "use_fp16", "cache_text_emb", "parameters")
"""Keys without an effect: heads follow from their channels, dropout is for training, and all is compared in float32."""
DIFFUSION = ("diffusion_steps", "noise_schedule", "timestep_respacing")
"""Keys of the official configuration that a network's own evaluation does not need."""
DEFAULT_MULTIPLIERS = {64: "1,2,3,4", 128: "1,1,2,3,4", 256: "1,1,2,2,4,4"}


@dataclass(frozen=True)
class Networks:
    """The two networks of a checkpoint, with the recipe's weights."""

    config: GlideConfig
    transformer: TextTransformer
    unet: UNet

    def features(self, tokens: Tensor, mask: Tensor) -> TextFeatures:
        """Return the features of texts, (B, L) int and bool."""
        if tokens.shape[1] != self.config.text_ctx:
            raise ValueError(f"{tokens.shape[1]} tokens instead of {self.config.text_ctx}")
        return self.transformer(tokens.long(), mask)

    def condition(self, tokens: Tensor, mask: Tensor) -> TextCondition:
        """Return the condition of texts, (B, L) int and bool."""
        return self.unet.condition(self.features(tokens, mask))


def networks_of(keys: ConfigReader, seed: int) -> Networks:
    """Return the networks of a configuration.

    Raises:
        InvalidCase: a key or a value is unknown.
    """
    config = glide_config(keys)
    with torch.device("meta"):
        networks = TextTransformer(config), UNet(config)
    transformer, unet = (fill_weights(network.to_empty(device="cpu"), seed) for network in networks)
    return Networks(config, transformer, unet)


def glide_config(keys: ConfigReader) -> GlideConfig:
    """Return a network's configuration.

    Raises:
        InvalidCase: a key or a value is unknown.
    """
    keys.expect("glide", "name", default="glide")
    keys.expect(True, "xf_final_ln", "xf_padding", "use_scale_shift_norm", "resblock_updown", default=True)
    keys.expect(False, "inpaint", default=False)
    keys.ignore(*IGNORED, *DIFFUSION)
    image_size = keys.require("image_size")
    multipliers = keys.take("channel_mult", "") or DEFAULT_MULTIPLIERS.get(image_size)
    if multipliers is None:
        raise InvalidCase(f"The configuration has no channel_mult, and there is no default for {image_size} pixels.")
    config = GlideConfig(
        image_size=image_size,
        num_channels=keys.require("num_channels"),
        num_res_blocks=keys.require("num_res_blocks"),
        channel_mult=numbers(multipliers),
        num_head_channels=keys.require("num_head_channels"),
        attention_resolutions=numbers(keys.require("attention_resolutions")),
        text_ctx=keys.require("text_ctx"),
        xf_width=keys.require("xf_width"),
        xf_layers=keys.require("xf_layers"),
        xf_heads=keys.require("xf_heads"),
        super_res=keys.take("super_res", False),
    )
    keys.finish()
    return config


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a text such as "1,2,3"."""
    return tuple(int(number) for number in text.split(",") if number.strip())
