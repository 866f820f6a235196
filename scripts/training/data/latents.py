# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode a data set once.

Run as `python -m scripts.training.data.latents AUTOENCODER DATA OUT` writes latents, captions and labels.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.shap_e.configs import MINI_ENCODER
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder

from ..train.loop import add_device, average_of
from .dataset import read


def average_encoder(checkpoint, device):
    """Load an encoder from the running average of a checkpoint."""
    encoder = PointCloudEncoder(MINI_ENCODER).to(device)
    encoder.load_state_dict(average_of(checkpoint, "encoder"))
    return encoder.eval()


@torch.inference_mode()
def encode(encoder, points, colors, device, batch=8, count=512):
    """Return (S, D) float16 latents of shapes, from `count` points each."""
    latents = []
    for start in range(0, len(points), batch):
        cloud = torch.from_numpy(points[start : start + batch, :count]).to(device).float()
        rgb = torch.from_numpy(colors[start : start + batch, :count]).to(device).float() / 255
        latents.append(encoder(cloud, rgb).half().cpu().numpy())
    return np.concatenate(latents)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--points", type=int, default=1024, help="encoder input points per shape")
    parser.add_argument("--threads", type=int, default=2)
    add_device(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    labels = ("captions", "category", "color", "part_colors")
    data = read(arguments.data, ("points", "colors", *labels))
    encoder = average_encoder(arguments.autoencoder, arguments.device)
    latents = encode(encoder, data["points"], data["colors"], arguments.device, count=arguments.points)
    np.savez(arguments.out, latents=latents, **{key: data[key] for key in labels})
