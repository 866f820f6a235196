# SPDX-License-Identifier: GPL-3.0-or-later
"""The field of one latent, as functions of points: surface, texture, and what the volume renderer asks.

Source: Jun and Nichol 2023 (Shap-E), section 3.1; activations as in the released configuration.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..nn.embedding import wave_encoding
from ..nn.linear import linear
from .decoder import VectorDecoder

SIGNED_DISTANCE = (0,)
COARSE_DENSITY, DENSITY = 1, 2
TEXTURE = (3, 4, 5)
LIGHT = (9, 10, 11)
"""The fine pass's colours. The coarse pass's, 6 to 8, serve training alone."""


class Field:
    """What one latent says at points; generated weights are computed once, and only the channels asked for.

    All colours are sRGB 0..1, all points and directions float32 in model space.
    """

    def __init__(self, decoder: VectorDecoder, latent: Tensor):
        """latent: [rows * d_row]."""
        nerstf, generated = decoder.renderer["nerstf"], decoder.params_proj(latent[None])
        weights = [weight[0] for weight in generated] + [layer.weight for layer in nerstf.mlp[len(generated) :]]
        self._config = decoder.config
        self._layers = [(weight, layer.bias) for weight, layer in zip(weights, nerstf.mlp, strict=True)]

    def channels(self, points: Tensor, wanted: Sequence[int] = range(12), directions: Tensor | None = None) -> Tensor:
        """Raw channels, before their activations.

        Args:
            points: [M, 3].
            wanted: K channels, as in `decoder.N_CHANNELS`.
            directions: [M, 3] unit vectors along the line of sight, away from the eye; without them, and for a
                decoder that takes none, the view's direction does not matter.

        Returns:
            [M, K].
        """
        h = wave_encoding(points, self._config.position_octaves)
        *hidden, (weight, bias) = self._layers
        for index, (inner_weight, inner_bias) in enumerate(hidden):
            if directions is not None and index == self._config.insert_direction_at:
                h = torch.cat([h, wave_encoding(directions, self._config.direction_octaves)], dim=-1)
            h = linear(h, inner_weight[:, : h.shape[-1]], inner_bias, "silu")  # unset directions would meet zeros
        rows = list(wanted)
        return linear(h, weight[rows], bias[rows])

    def signed_distance(self, points: Tensor) -> Tensor:
        """[M, 3] -> [M] in (-1, 1), positive inside."""
        return torch.tanh(self.channels(points, SIGNED_DISTANCE)[:, 0])

    def color(self, points: Tensor) -> Tensor:
        """The surface's own colour, without light: [M, 3] -> [M, 3]."""
        return torch.sigmoid(self.channels(points, TEXTURE))

    def medium(self, points: Tensor, directions: Tensor | None = None) -> Tensor:
        """What light meets in space, by the channels trained for volume rendering.

        Source: openai/shap-e, shap_e/models/nerstf/mlp.py: densities rectified, colours through a sigmoid.

        Args:
            points: [M, 3].
            directions: as for `channels`.

        Returns:
            [M, 5]: density of the coarse pass, density of the fine pass (both per unit of length), and colour.
        """
        raw = self.channels(points, (COARSE_DENSITY, DENSITY, *LIGHT), directions)
        return torch.cat([torch.relu(raw[:, :2]), torch.sigmoid(raw[:, 2:])], dim=1)

    def solid(self, points: Tensor, directions: Tensor | None = None) -> Tensor:
        """The same as `medium`, made of surface and texture, for decoders trained on nothing else.

        The density goes from nothing outside to `PEAK` inside, steeply for the fine pass and gently for the coarse
        one, so that few samples suffice to find thin parts.

        Source: Yariv et al. 2021 (VolSDF), section 3.1, with a logistic function in place of the Laplacian's.

        Args:
            points: [M, 3].
            directions: not used: a texture looks the same from all sides.

        Returns:
            [M, 5], as `medium`.
        """
        raw = self.channels(points, (*SIGNED_DISTANCE, *TEXTURE))
        densities = PEAK * torch.sigmoid(raw[:, :1] * raw.new_tensor(STEEPNESS))
        return torch.cat([densities, torch.sigmoid(raw[:, 1:])], dim=1)


PEAK = 100.0
"""Density inside a solid: a part 0.05 thick lets less than a hundredth of the light through."""

STEEPNESS = (4.0, 16.0)
"""How fast a solid's density rises for the coarse and the fine pass, per unit of the raw distance channel, which is
12.5 times the distance in model space in the small model's training."""
