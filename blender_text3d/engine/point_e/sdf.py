# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed distance of a cloud. Attribute names are exactly those of the official checkpoints.

Source: Nichol et al. 2022 (Point-E), section 4.5 and appendix C; tensor names and shapes of the released checkpoint.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ..nn.embedding import positional_encoding
from ..nn.linear import Linear
from ..nn.perceiver import KeysValues, SimplePerceiver
from ..nn.transformer import Transformer


@dataclass(frozen=True)
class SDFConfig:
    """Size of a signed distance model.

    Attributes:
        n_ctx: number of points in the cloud (the network takes any number).
        position_octaves: octaves of the positional encoding; 0 in the official model.
    """

    width: int
    encoder_layers: int
    encoder_heads: int
    decoder_layers: int
    decoder_heads: int
    n_ctx: int = 4096
    position_octaves: int = 0


class CrossAttentionPointCloudSDFModel(nn.Module):
    """A transformer encodes the cloud once; the query points then attend to the encoding."""

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
        """Return the signed distance (B, M) float32 at query (B, 3, M) of a cloud (B, 3, N), in the network's space."""
        return self.query(query, self.encode(cloud))

    def encode(self, cloud: Tensor) -> list[KeysValues]:
        """Encode a cloud (B, 3, N) float32 as keys and values of each decoder layer, which is all that queries need."""
        h = positional_encoding(cloud.transpose(1, 2), self.config.position_octaves)
        return self.decoder.keys_values(self.encoder(self.encoder_input_proj(h)))

    def query(self, points: Tensor, encoded: list[KeysValues]) -> Tensor:
        """Return the signed distance (B, M) float32, positive inside, at points (B, 3, M) of an encoded cloud."""
        h = positional_encoding(points.transpose(1, 2), self.config.position_octaves)
        h = self.decoder(self.decoder_input_proj(h), encoded)
        return self.output_proj(self.ln_post(h))[..., 0]
