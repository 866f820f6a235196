# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode a data set once.

Run as `python -m scripts.training.data.latents AUTOENCODER DATA OUT` writes latents, captions and labels.

With --refine, each latent takes some steps of gradient descent on its own shape: the encoder alone loses thin and small
parts that the decoder can show.

Source: Park et al. 2019 (DeepSDF), section 4.2, for latents that are optimized with a frozen decoder.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_ENCODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder

from ..train.accelerate import accelerated
from ..train.accelerate import add_arguments as add_acceleration
from ..train.autoencoder import loss_of
from ..train.loop import add_device, average_of
from .dataset import read

REFINED_TOGETHER, QUERIES, RATE = 64, 512, 0.02
"""Shapes of a batch of refined latents, queries of each step, and the rate of the first step, which falls to 0."""


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


def refined(latents, shapes, steps, loss_of):
    """Return latents (S, D) float32 after steps of Adam on their own shapes.

    Args:
        latents: those of the encoder.
        shapes: points, colors, queries, distances and query_colors of the same shapes, arrays as in a data set.
        steps: number of steps.
        loss_of: latents, queries, distances, query colors, main colors -> loss, see `refinement_loss`.
    """
    queries, distances, colors = (
        torch.from_numpy(shapes[key]).to(latents.device).float() for key in ("queries", "distances", "query_colors")
    )
    main = torch.from_numpy(shapes["colors"]).to(latents.device).float().median(1, keepdim=True).values / 255
    latents = latents.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([latents], lr=RATE)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
        chosen = torch.randperm(queries.shape[1], device=latents.device)[:QUERIES]
        loss = loss_of(latents, queries[:, chosen], distances[:, chosen], colors[:, chosen] / 255, main)
        (latents.grad,) = torch.autograd.grad(loss * len(latents), latents)
        optimizer.step()
    return latents.detach().clamp(-1, 1)


def refine(latents, data, steps, decoder, arguments):
    """Return latents (S, D) float16 that are refined on their shapes, in batches."""
    loss = accelerated(lambda latent, queries, *truth: loss_of(decoder(latent, queries).float(), *truth), arguments)
    done = []
    for start in range(0, len(latents), REFINED_TOGETHER):
        rows = slice(start, start + REFINED_TOGETHER)
        shapes = {key: data[key][rows] for key in ("colors", "queries", "distances", "query_colors")}
        batch = torch.from_numpy(latents[rows]).to(arguments.device).float()
        done.append(refined(batch, shapes, steps, loss).half().cpu().numpy())
        if start % 4096 == 0:
            print(f"{start} of {len(latents)} latents refined", flush=True)
    return np.concatenate(done)


def average_decoder(checkpoint, device):
    """Load a frozen decoder from the running average of a checkpoint."""
    decoder = VectorDecoder(MINI_DECODER).to(device)
    decoder.load_state_dict(average_of(checkpoint, "decoder"))
    return decoder.eval().requires_grad_(False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--points", type=int, default=1024, help="encoder input points per shape")
    parser.add_argument("--refine", type=int, default=0, metavar="STEPS", help="steps on each shape")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="of the queries of refinement")
    add_device(parser)
    add_acceleration(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    labels = ("captions", "category", "color", "part_colors")
    shapes = ("queries", "distances", "query_colors") if arguments.refine else ()
    data = read(arguments.data, ("points", "colors", *labels, *shapes))
    encoder = average_encoder(arguments.autoencoder, arguments.device)
    latents = encode(encoder, data["points"], data["colors"], arguments.device, count=arguments.points)
    if arguments.refine:
        decoder = average_decoder(arguments.autoencoder, arguments.device)
        latents = refine(latents, data, arguments.refine, decoder, arguments)
    np.savez(arguments.out, latents=latents, **{key: data[key] for key in labels})
