# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes of GLIDE's networks; attribute names are the official configuration's.

Source: Nichol et al. 2021 (GLIDE); configurations of the released checkpoints, openai/glide-text2im, commit 69b5307.
"""

from dataclasses import dataclass, replace

from .vocabulary import VOCABULARY_SIZE

PICTURE_CHANNELS = 3
OUTPUT_CHANNELS = 6
"""Noise of the three colors, then the fraction between the smallest and the largest log variance."""


@dataclass(frozen=True)
class GlideConfig:
    """Size of a network.

    Attributes:
        image_size: width and height of the picture that it was trained for.
        num_channels: channels of the first level.
        num_res_blocks: residual blocks per level on the way down; one more on the way up.
        channel_mult: channels of each level relative to `num_channels`.
        num_head_channels: channels of an attention head.
        attention_resolutions: widths of the picture with attention.
        text_ctx: tokens of a text.
        xf_width, xf_layers, xf_heads: size of the text transformer.
        super_res: True if it enlarges a smaller picture.
        vocabulary: number of tokens.
        groups: groups of channels of each norm.
        patch: side of the squares of pixels that are the network's places, as channels.
        velocity: True if the layers' result is the velocity of the picture and the noise, of which the network makes
            the noise.
    """

    image_size: int
    num_channels: int
    num_res_blocks: int
    channel_mult: tuple[int, ...]
    num_head_channels: int
    attention_resolutions: tuple[int, ...]
    text_ctx: int
    xf_width: int
    xf_layers: int
    xf_heads: int
    super_res: bool = False
    vocabulary: int = VOCABULARY_SIZE
    groups: int = 32
    patch: int = 1
    velocity: bool = False

    @property
    def input_channels(self) -> int:
        """Channels of the first layer: the noisy picture, and the smaller one if there is one."""
        return PICTURE_CHANNELS * (1 + self.super_res) * self.patch**2

    @property
    def output_channels(self) -> int:
        """Channels of the last layer."""
        return OUTPUT_CHANNELS * self.patch**2

    @property
    def time_channels(self) -> int:
        """Channels of the timestep's embedding."""
        return 4 * self.num_channels

    def has_attention(self, shrinking: int) -> bool:
        """True if the levels whose picture is so many times smaller than the input have attention."""
        return shrinking in [self.image_size // width for width in self.attention_resolutions]


BASE = GlideConfig(
    image_size=64,
    num_channels=192,
    num_res_blocks=3,
    channel_mult=(1, 2, 3, 4),
    num_head_channels=64,
    attention_resolutions=(32, 16, 8),
    text_ctx=128,
    xf_width=512,
    xf_layers=16,
    xf_heads=8,
)
UPSAMPLE = replace(BASE, image_size=256, num_res_blocks=2, channel_mult=(1, 1, 2, 2, 4, 4), super_res=True)

OFFICIAL = {"base": BASE, "upsample": UPSAMPLE}
"""Size of each official checkpoint; a network of it has exactly the file's tensors."""
