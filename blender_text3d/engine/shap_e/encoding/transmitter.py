# SPDX-License-Identifier: GPL-3.0-or-later
"""The official encoder and the whole transmitter. Attribute names are exactly those of the official checkpoint.

Source: Jun and Nichol 2023 (Shap-E), section 4.1 and appendix A; tensor names and shapes of the released transmitter.
"""

from collections.abc import Generator
from typing import cast

import torch
from torch import Tensor, nn

from ....system.run_steps import run_steps
from ...nn.embedding import positional_encoding
from ...nn.linear import Linear
from ...nn.perceiver import SimplePerceiver
from ...nn.transformer import Transformer
from ..decoder import DecoderConfig, MLPNeRSTFModel, ParamsProj, VectorDecoder, VoidNeRFModel
from .encoder_inputs import EncoderInputs, PerceiverEncoderConfig, pixel_positions
from .point_convolution import PointSetEmbedding
from .random_order import RandomOrder
from .view_patches import MultiviewPointCloudEmbedding, PatchProjection

POINT_CHANNELS = 6

Encoding = Generator[int, None, Tensor]
"""A running encoding: it yields the number of finished parts and returns a tensor."""


class PointCloudPerceiverChannelsEncoder(nn.Module):
    """Tokens of the nearest points and learned ones attend to all points, to all views, and to each other."""

    def __init__(self, config: PerceiverEncoderConfig, decoder: DecoderConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.output_tokens = nn.Parameter(torch.randn(config.rows, width))
        self.params_proj = ParamsProj(decoder)
        self.encoder = nn.ModuleList(SimplePerceiver(width, config.cross_layers, config.heads) for _ in range(2))
        self.processor = Transformer(width, config.layers - config.cross_layers, config.heads)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.output_proj = Linear(width, config.d_latent)
        self.input_proj = Linear(POINT_CHANNELS * (1 + 2 * config.octaves), width)
        self.point_conv = PointSetEmbedding(config)
        self.mv_pcl_embed = MultiviewPointCloudEmbedding(3 * config.vector_channels, width // 2)
        self.patch_emb = nn.Conv2d(width // 2, width, config.patch_size, config.patch_size)

    def forward(self, inputs: EncoderInputs, order: RandomOrder) -> Tensor:
        """Encode objects.

        Args:
            inputs: B objects.
            order: the random orders.

        Returns:
            (B, rows * d_latent) float32 in (-1, 1), the latents.

        Raises:
            ValueError: the inputs have other shapes, or too few points or views.
        """
        return torch.tanh(
            torch.stack([run_steps(self.encode(inputs, order, row)) for row in range(len(inputs.points))])
        )

    def encode(self, inputs: EncoderInputs, order: RandomOrder, row: int = 0) -> Encoding:
        """Encode one object of a batch, one view at a time: yield the number of finished parts, of two more than views.

        Returns:
            (rows * d_latent,) float32, of which tanh is the latent.

        Raises:
            ValueError: the inputs have other shapes, or too few points or views.
        """
        inputs.check(self.config)
        views = order.views[row][: self.config.views]
        points = self.embedded_points(inputs.points[row])
        tokens = torch.cat([self.data_tokens(inputs, points, order, row), self.output_tokens])
        yield 1
        patches = []
        for token in self.view_tokens(inputs, row, views):
            patches.append(token)
            yield 1 + len(patches)
        chosen = points[order.points[row][: self.config.points]]
        vector = self.attend(self.ln_pre(tokens), chosen, torch.cat(patches))
        yield len(views) + 2
        return vector

    def embedded_points(self, points: Tensor) -> Tensor:
        """Embed the points (6, N) float32 of one object: (N, width) float32."""
        return self.input_proj(positional_encoding(points.T, self.config.octaves))

    def data_tokens(self, inputs: EncoderInputs, embedded: Tensor, order: RandomOrder, row: int) -> Tensor:
        """Return the tokens (data_tokens, width) float32 of one object's first points."""
        return self.point_conv(inputs.points[row, :3].T, embedded, [orders[row] for orders in order.neighbors])

    def view_tokens(self, inputs: EncoderInputs, row: int, views: Tensor) -> Generator[Tensor, None, None]:
        """Yield the tokens (patches, width) float32 of each of one object's views, given by their indices (K,)."""
        projection = PatchProjection(self.mv_pcl_embed, self.patch_emb, self.config)
        for view in views.tolist():
            camera, depth = inputs.cameras[row, view].clone(), inputs.depths[row, view]
            camera[12:] = inputs.cameras[0, 0, 12:]
            origin, position = pixel_positions(camera[None], depth[None], self.config.max_depth)
            yield projection.tokens(inputs.images[row, view], inputs.alphas[row, view], origin[0], position[0])

    def attend(self, tokens: Tensor, points: Tensor, patches: Tensor) -> Tensor:
        """Let tokens (T, width) float32 attend to points, then to patches, then to each other.

        Args:
            tokens: data tokens, then output tokens.
            points: (N, width) float32.
            patches: (K, width) float32.

        Returns:
            (rows * d_latent,) float32.
        """
        h = tokens[None]
        for perceiver, data in zip(self.encoder, (points, patches), strict=True):
            perceiver = cast(SimplePerceiver, perceiver)
            h = perceiver(h, perceiver.keys_values(data[None]))
        h = self.processor(h, first=h.shape[1] - self.config.rows)
        return self.output_proj(self.ln_post(h)).flatten()


class Transmitter(nn.Module):
    """The encoder, which also contains the projections of the decoder, and the field's layers."""

    def __init__(self, encoder: PerceiverEncoderConfig, decoder: DecoderConfig):
        super().__init__()
        self.encoder = PointCloudPerceiverChannelsEncoder(encoder, decoder)
        self.renderer = nn.ModuleDict({"nerstf": MLPNeRSTFModel(decoder), "void": VoidNeRFModel(3)})
        self._decoder_config = decoder

    @property
    def decoder(self) -> VectorDecoder:
        """The decoder, which shares this network's tensors."""
        with torch.device("meta"):
            decoder = VectorDecoder(self._decoder_config)
        decoder.params_proj, decoder.renderer = self.encoder.params_proj, self.renderer
        return decoder
