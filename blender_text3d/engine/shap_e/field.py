# SPDX-License-Identifier: GPL-3.0-or-later
"""The field of one latent as functions of points: signed distance, texture and volume density.

Source: Jun and Nichol 2023 (Shap-E), section 3.1; activations as in the released configuration.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..nn.embedding import positional_encoding
from ..nn.linear import linear
from .decoder import VectorDecoder

SIGNED_DISTANCE = (0,)
COARSE_DENSITY, DENSITY = 1, 2
TEXTURE = (3, 4, 5)
LIGHT = (9, 10, 11)
"""Colors of the fine pass. Those of the coarse pass, 6 to 8, are used for training only."""


class Field:
    """The field of one latent; its weights are generated once, and only requested channels are computed.

    All colors are sRGB 0..1; all points and directions are float32 in model space.

    Attributes:
        layers: weight (O, I) and bias (O,) float32 of each layer, first to last.
        position_octaves: octaves of the positional encoding.
    """

    def __init__(self, decoder: VectorDecoder, latent: Tensor):
        """Generate the field's weights from a latent (rows * d_row,) float32."""
        self._set_weights(decoder, [weight[0] for weight in decoder.params_proj(latent[None])])

    def _set_weights(self, decoder: VectorDecoder, generated: list[Tensor]) -> None:
        """Take the weights (O, I) float32 of the first layers; the decoder has the others."""
        self.position_octaves, self._config = decoder.config.position_octaves, decoder.config
        layers = decoder.field_layers.layers
        weights = generated + [layer.weight for layer in layers[len(generated) :]]
        self._last_layers: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}
        self.layers = [(weight, layer.bias) for weight, layer in zip(weights, layers, strict=True)]

    def channels(self, points: Tensor, channels: Sequence[int] = range(12), directions: Tensor | None = None) -> Tensor:
        """Return raw channels, before their activations.

        Args:
            points: (M, 3) float32.
            channels: indices of K channels, see `decoder.N_CHANNELS`.
            directions: (M, 3) float32 unit vectors from the camera to the points, or None; decoders without a view
                direction ignore them.

        Returns:
            (M, K) float32.
        """
        h = positional_encoding(points, self._config.position_octaves)
        for index, (inner_weight, inner_bias) in enumerate(self.layers[:-1]):
            if directions is not None and index == self._config.insert_direction_at:
                h = torch.cat([h, positional_encoding(directions, self._config.direction_octaves)], dim=-1)
            h = linear(
                h, inner_weight[:, : h.shape[-1]], inner_bias, "silu"
            )  # without directions their columns are left out
        return linear(h, *self.last_layer(tuple(channels)))

    def last_layer(self, channels: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Return the last layer's weight (K, I) and bias (K,) for some channels; they are copied once."""
        if channels not in self._last_layers:
            rows = list(channels)
            weight, bias = self.layers[-1]
            self._last_layers[channels] = weight[rows], bias[rows]
        return self._last_layers[channels]

    def signed_distance(self, points: Tensor) -> Tensor:
        """Return the signed distance at points (M, 3) float32: (M,) float32 in (-1, 1), positive inside."""
        return torch.tanh(self.channels(points, SIGNED_DISTANCE)[:, 0])

    def color(self, points: Tensor) -> Tensor:
        """Return the surface's color without lighting at points (M, 3) float32: (M, 3) float32."""
        return torch.sigmoid(self.channels(points, TEXTURE))

    def medium(self, points: Tensor, directions: Tensor | None = None) -> Tensor:
        """Return density and color from the channels trained for volume rendering.

        Source: openai/shap-e, shap_e/models/nerstf/mlp.py: ReLU for densities, sigmoid for colors.

        Args:
            points: (M, 3) float32.
            directions: as in `channels`.

        Returns:
            (M, 5) float32: density of the coarse pass, density of the fine pass (both per unit of length), and color.
        """
        raw = self.channels(points, (COARSE_DENSITY, DENSITY, *LIGHT), directions)
        return torch.cat([torch.relu(raw[:, :2]), torch.sigmoid(raw[:, 2:])], dim=1)

    def solid(self, points: Tensor, directions: Tensor | None = None) -> Tensor:
        """Return the same as `medium`, derived from surface and texture, for decoders without those channels.

        The density rises from 0 outside to `MAX_DENSITY` inside, steeply for the fine pass and gently for the coarse
        one, so that few samples suffice to find thin parts.

        Source: Yariv et al. 2021 (VolSDF), section 3.1, with a logistic instead of a Laplacian distribution.

        Args:
            points: (M, 3) float32.
            directions: ignored; a texture looks the same from all sides.

        Returns:
            (M, 5) float32, as `medium`.
        """
        raw = self.channels(points, (*SIGNED_DISTANCE, *TEXTURE))
        densities = MAX_DENSITY * torch.sigmoid(raw[:, :1] * raw.new_tensor(STEEPNESS))
        return torch.cat([densities, torch.sigmoid(raw[:, 1:])], dim=1)


MAX_DENSITY = 100.0
"""Density inside a solid: a part 0.05 thick transmits less than 1 % of the light."""

STEEPNESS = (4.0, 16.0)
"""Slope of a solid's density in the coarse and the fine pass, per unit of the raw distance channel, which was trained
as 12.5 times the distance in model space in the small model."""
