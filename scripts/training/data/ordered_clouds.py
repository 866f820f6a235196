# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds with ordered points, the training data of the small Point-E."""

from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.point_e.mini import CHANNEL_BIASES, CHANNEL_SCALES
from blender_text3d.engine.text.word_encoder import WordEncoderConfig

from .captioned_latents import caption_ids
from .dataset import read


def scale_clouds(clouds):
    """Scale clouds (..., 6, N) float32 from model space and RGB 0..255 to network input."""
    scales, biases = (clouds.new_tensor(values)[:, None] for values in (CHANNEL_SCALES, CHANNEL_BIASES))
    return clouds * scales + biases


def unscale_clouds(clouds):
    """Invert `scale_clouds`."""
    scales, biases = (clouds.new_tensor(values)[:, None] for values in (CHANNEL_SCALES, CHANNEL_BIASES))
    return (clouds - biases) / scales


class Clouds:
    """Shapes of a data set whose points `point_ordering` has ordered, in model space and RGB 0..255.

    Attributes:
        points, colors: (S, N, 3) float16 and uint8, all points; like all columns on the CPU.
        places: (S, P) int64, point index at each position of the order.
        ids: (S, K, n_ctx) int64, token ids of the captions.
    """

    def __init__(self, data: Path, places: Path, vocabulary, limit: int | None = None, device="cpu"):
        self.device = device
        files = sorted(Path(places).glob("[0-9]*[0-9].npy"))
        self.places = torch.from_numpy(np.concatenate([np.load(file) for file in files])[:limit]).long()
        columns = read(data, ("points", "colors", "captions"), len(self.places))
        self.points, self.colors = torch.from_numpy(columns["points"]), torch.from_numpy(columns["colors"])
        self.ids = caption_ids(vocabulary, columns["captions"], WordEncoderConfig(0).n_ctx)

    def __len__(self):
        return len(self.places)

    def at(self, rows):
        """Return (all points (B, 6, N), ordered points (B, 6, P), ids of one caption (B, n_ctx)) of a batch."""
        cloud = torch.cat([self.points[rows].float(), self.colors[rows].float()], dim=2).transpose(1, 2)
        placed = cloud.gather(2, self.places[rows][:, None].expand(-1, 6, -1))
        ids = self.ids[rows, torch.randint(self.ids.shape[1], (len(rows),))]
        return cloud.to(self.device), placed.to(self.device), ids.to(self.device)
