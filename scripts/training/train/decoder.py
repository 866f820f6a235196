# SPDX-License-Identifier: GPL-3.0-or-later
"""Refine the decoder on fixed latents.

`python -m scripts.training.train.decoder AUTOENCODER DATA LATENTS TEST OUT --minutes 30`. The prior learns the
encoder's latents, so the encoder is frozen first; the decoder can be refined further. LATENTS is the output of
`scripts.training.data.latents` for DATA; OUT has only the decoder.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.shap_e.configs import MINI_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder

from ..data.captioned_latents import load_columns
from ..data.latents import average_encoder
from .autoencoder import LATENT_NOISE, loss_of, measure, report_of, tensors
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers


def query_batch(data, latents, rows, queries, device):
    """Return (latents, query points, distances, colors) of some shapes as float tensors on a device."""
    columns = torch.randperm(data["queries"].shape[1])[:queries]
    query_points, distances, colors = (
        data[key][rows][:, columns].to(device).float() for key in ("queries", "distances", "query_colors")
    )
    return latents[rows].to(device).float(), query_points, distances, colors / 255


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    encoder = average_encoder(arguments.autoencoder, arguments.device)
    data, test = tensors(arguments.data, arguments.limit), tensors(arguments.test, 1000)
    latents = load_columns(arguments.latents)["latents"][: len(data["points"])]
    decoder = VectorDecoder(MINI_DECODER)
    decoder.load_state_dict(average_of(arguments.autoencoder, "decoder"))
    chosen = optimizers([decoder.to(arguments.device)], arguments.rate)
    training = Training(arguments.out, {"decoder": decoder}, chosen, decay=0.999, hold=0.3)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(latents), (arguments.batch,))
        latent, query_points, *truth = query_batch(data, latents, rows, arguments.queries, arguments.device)
        channels = decoder(latent + LATENT_NOISE * torch.randn_like(latent), query_points)
        training.step(loss_of(channels, *truth), arguments.batch)
        if is_due:
            figures = measure(encoder, training.running_averages()["decoder"], test, arguments.device)
            training.report(report_of(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("latents", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--limit", type=int, help="maximum number of shapes, to limit memory")
    add_budget(parser, 30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--queries", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--every", type=float, default=120)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    train(parser.parse_args())
