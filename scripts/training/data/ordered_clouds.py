# SPDX-License-Identifier: GPL-3.0-or-later
"""Clouds of a data set whose shapes have places, as the small Point-E learns from them."""

from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.point_e.mini import CHANNEL_BIASES, CHANNEL_SCALES
from blender_text3d.engine.text.word_encoder import WordEncoderConfig

from ..train.prior import caption_ids
from .dataset import SHARD, read


def scaled(clouds):
    """(..., 6, N) in model space and RGB 0..255 -> what the networks see."""
    scales, biases = (torch.tensor(values)[:, None] for values in (CHANNEL_SCALES, CHANNEL_BIASES))
    return clouds * scales + biases


def unscaled(clouds):
    """Undoes `scaled`."""
    scales, biases = (torch.tensor(values)[:, None] for values in (CHANNEL_SCALES, CHANNEL_BIASES))
    return (clouds - biases) / scales


class Clouds:
    """Shapes of a data set whose points `point_ordering` has ordered, in model space and RGB 0..255.

    Attributes:
        points, colors: (S, N, 3) float16 and uint8, all points.
        places: (S, P) int64, which of them takes each place.
        ids: (S, K, n_ctx) int64, word numbers of the captions.
    """

    def __init__(self, data: Path, places: Path, vocabulary, limit: int | None = None):
        files = sorted(Path(places).glob("[0-9]*[0-9].npy"))[: limit and limit // SHARD]
        columns = read(data, ("points", "colors", "captions"), len(files) * SHARD)
        self.points, self.colors = torch.from_numpy(columns["points"]), torch.from_numpy(columns["colors"])
        self.places = torch.from_numpy(np.concatenate([np.load(file) for file in files])).long()
        self.ids = caption_ids(vocabulary, columns["captions"], WordEncoderConfig(0).n_ctx)

    def __len__(self):
        return len(self.places)

    def at(self, rows):
        """(all points (B, 6, N), those with places (B, 6, P), one caption's ids (B, n_ctx)) of some shapes."""
        cloud = torch.cat([self.points[rows].float(), self.colors[rows].float()], dim=2).transpose(1, 2)
        placed = cloud.gather(2, self.places[rows][:, None].expand(-1, 6, -1))
        return cloud, placed, self.ids[rows, torch.randint(self.ids.shape[1], (len(rows),))]
