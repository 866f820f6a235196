# SPDX-License-Identifier: GPL-3.0-or-later
"""Color error of a predicted latent: decoded colors on the surface of the true shape.

Colors unlike the main color have a larger weight, since parts are small and captions mention their colors.
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
"""Colors farther than this from the main one (sRGB 0..1, Euclidean) have a weight higher by MORE."""


@dataclass(frozen=True)
class ColorError:
    """Surface points (S, N, 3) and colors (S, N, 3) uint8 of a data set, and a frozen decoder."""

    points: Tensor
    colors: Tensor
    decoder: VectorDecoder

    @classmethod
    def read(cls, folder, autoencoder, device):
        """Load the points of a data set and the decoder of an autoencoder checkpoint."""
        data, decoder = read(folder, ("points", "colors")), VectorDecoder(MINI_DECODER)
        decoder.load_state_dict(average_of(autoencoder, "decoder"))
        decoder.to(device).eval().requires_grad_(False)
        return cls(torch.from_numpy(data["points"]), torch.from_numpy(data["colors"]), decoder)

    def draw(self, rows, device):
        """Return random points (B, N, 3) and colors (B, N, 3), float32, of the shapes in `rows`."""
        columns = torch.randperm(self.points.shape[1])[:COUNT]
        points, colors = (some[rows][:, columns].to(device).float() for some in (self.points, self.colors))
        return points, colors / 255

    def error(self, latents, points, colors):
        """Return the (B,) weighted squared color error of latents (B, D) at points of `draw`."""
        seen = torch.sigmoid(self.decoder(latents, points)[..., 3:6].float())
        return (weights(colors) * (seen - colors).square().mean(2)).mean(1)


def weights(colors):
    """Return (B, N) weights of colors (B, N, 3): 1 near the median color, higher elsewhere."""
    main = colors.median(1, keepdim=True).values
    return 1 + MORE * ((colors - main).norm(dim=2) > DIFFERENT)
