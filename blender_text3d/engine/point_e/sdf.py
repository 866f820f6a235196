# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud becomes a signed distance. Attribute names are the official checkpoints', letter for letter.

Source: Nichol et al. 2022 (Point-E), section 4.5 and appendix C; tensor names and shapes of the released checkpoint.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ..nn.embedding import wave_encoding
from ..nn.linear import Linear
from ..nn.perceiver import KeysValues, SimplePerceiver
from ..nn.transformer import Transformer


@dataclass(frozen=True)
class SDFConfig:
    """Size of a signed distance model.

    Attributes:
        n_ctx: points in the cloud (the network takes any number).
        position_octaves: octaves of sines and cosines beside each coordinate; none in the official model.
    """

    width: int
    encoder_layers: int
    encoder_heads: int
    decoder_layers: int
    decoder_heads: int
    n_ctx: int = 4096
    position_octaves: int = 0


class CrossAttentionPointCloudSDFModel(nn.Module):
    """A transformer reads the cloud once; every query point then asks what it read."""

    def __init__(self, config: SDFConfig):
        super().__init__()
        self.config = config
        channels, width = 3 + 6 * config.position_octaves, config.width
        self.encoder_input_proj = Linear(channels, width)
        self.encoder = Transformer(width, config.encoder_layers, config.encoder_heads)
        self.decoder_input_proj = Linear(channels, width)
        self.decoder = SimplePerceiver(width, config.decoder_layers, config.decoder_heads)
        self.ln_post = nn.LayerNorm(width)
        self.output_proj = Linear(width, 1)

    def forward(self, cloud: Tensor, query: Tensor) -> Tensor:
        """Cloud [B, 3, N], query [B, 3, M], both in model space -> signed distance [B, M]."""
        return self.query(query, self.encode(cloud))

    def encode(self, cloud: Tensor) -> list[KeysValues]:
        """[B, 3, N] in model space -> keys and values of each decoder layer: all that queries need of the cloud."""
        h = wave_encoding(cloud.transpose(1, 2), self.config.position_octaves)
        return self.decoder.keys_values(self.encoder(self.encoder_input_proj(h)))

    def query(self, points: Tensor, encoded: list[KeysValues]) -> Tensor:
        """[B, 3, M] in model space, of what `encode` gave -> signed distance [B, M]; positive inside."""
        h = wave_encoding(points.transpose(1, 2), self.config.position_octaves)
        h = self.decoder(self.decoder_input_proj(h), encoded)
        return self.output_proj(self.ln_post(h))[..., 0]
