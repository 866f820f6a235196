# SPDX-License-Identifier: GPL-3.0-or-later
"""Color error of a predicted latent: the colors it decodes to on the true shape's surface.

What differs from a thing's main color counts more: parts are small, and their colors are what captions tell of them.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from blender_text3d.engine.shap_e.configs import MINI_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder

from ..data.dataset import read
from ..train.loop import average_of

COUNT = 96
DIFFERENT, MORE = 0.25, 3.0
"""Colors farther than this from the main one (sRGB 0..1, Euclidean) count so much more."""


@dataclass(frozen=True)
class Looks:
    """Surface points (S, N, 3) and colors (S, N, 3) uint8 of a data set, and a decoder that learns no more."""

    points: Tensor
    colors: Tensor
    decoder: VectorDecoder

    @classmethod
    def read(cls, folder, autoencoder, device):
        """Of a data set's folder and an autoencoder's checkpoint."""
        data, decoder = read(folder, ("points", "colors")), VectorDecoder(MINI_DECODER)
        decoder.load_state_dict(average_of(autoencoder, "decoder"))
        decoder.to(device).eval().requires_grad_(False)
        return cls(torch.from_numpy(data["points"]), torch.from_numpy(data["colors"]), decoder)

    def error(self, latents, rows):
        """(B,) weighted squared error of the colors that latents (B, D) decode to, of the shapes in `rows`."""
        columns = torch.randperm(self.points.shape[1])[:COUNT]
        points, colors = (some[rows][:, columns].to(latents.device).float() for some in (self.points, self.colors))
        colors = colors / 255
        seen = torch.sigmoid(self.decoder(latents, points)[..., 3:6])
        return (weights(colors) * (seen - colors).square().mean(2)).mean(1)


def weights(colors):
    """(B, N, 3) -> (B, N): 1 where the color is about the most usual one, more elsewhere."""
    main = colors.median(1, keepdim=True).values
    return 1 + MORE * ((colors - main).norm(dim=2) > DIFFERENT)
