# SPDX-License-Identifier: GPL-3.0-or-later
"""The field of one latent, as functions of points.

Source: Jun and Nichol 2023 (Shap-E), section 3.1; activations as in the released configuration.
"""

import torch
from torch import Tensor

from .decoder import VectorDecoder


class Field:
    """Signed distance and colour of one object; generated weights are computed once."""

    def __init__(self, decoder: VectorDecoder, latent: Tensor):
        """latent: [rows * d_row]."""
        self._nerstf = decoder.renderer["nerstf"]
        self._generated = decoder.params_proj(latent[None])

    def channels(self, points: Tensor) -> Tensor:
        """[M, 3] in model space -> [M, 12] raw."""
        return self._nerstf(points[None], self._generated)[0]

    def signed_distance(self, points: Tensor) -> Tensor:
        """[M, 3] in model space -> [M] in (-1, 1), positive inside."""
        return torch.tanh(self.channels(points)[:, 0])

    def color(self, points: Tensor) -> Tensor:
        """[M, 3] in model space -> [M, 3] sRGB 0..1."""
        return torch.sigmoid(self.channels(points)[:, 3:6])
