# SPDX-License-Identifier: GPL-3.0-or-later
"""Sharpens the decoder on latents that stay as they are.

`python -m mini.train_decoder AUTOENCODER DATA TEST OUT --minutes 30`. The prior learns the encoder's latents, so the
encoder is frozen first; the decoder can still get better meanwhile. OUT is a checkpoint like the autoencoder's, with
the same encoder.
"""

import argparse
import time
from pathlib import Path

import torch

from blender_text3d.engine.shap_e.configs import MINI_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder

from .dataset import read
from .latents import average_encoder, encode
from .optimizing import RunningAverage, rate_factor, set_rates
from .train_autoencoder import KEYS, loss_of, measure


def query_batch(data, latents, rows, queries):
    """(latents, places, distances, colors) of some shapes, as float tensors."""
    columns = torch.randperm(data["queries"].shape[1])[:queries]
    places, distances, colors = (
        data[key][rows][:, columns].float() for key in ("queries", "distances", "query_colors")
    )
    return latents[rows].float(), places, distances, colors / 255


def train(arguments):
    """The whole run."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    encoder = average_encoder(arguments.autoencoder, "cpu")
    data = {key: torch.from_numpy(value) for key, value in read(arguments.data, KEYS).items()}
    test = {key: torch.from_numpy(value) for key, value in read(arguments.test, KEYS, 1000).items()}
    latents = torch.from_numpy(encode(encoder, data["points"].numpy(), data["colors"].numpy(), "cpu"))
    checkpoint = torch.load(arguments.autoencoder)
    decoder = VectorDecoder(MINI_DECODER)
    decoder.load_state_dict(checkpoint["averages"][1])
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=arguments.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    average = RunningAverage(decoder, 0.999)
    begun, reported, total = time.monotonic(), 0.0, arguments.minutes * 60
    seen = 0
    while (spent := time.monotonic() - begun) < total:
        set_rates([optimizer], [arguments.rate], rate_factor(spent / total, hold=0.3))
        rows = torch.randint(len(latents), (arguments.batch,))
        latent, places, distances, colors = query_batch(data, latents, rows, arguments.queries)
        loss = loss_of(decoder(latent + 0.03 * torch.randn_like(latent), places), distances, colors)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        average.update()
        seen += arguments.batch
        if spent - reported > arguments.every or spent + 1 > total:
            reported = spent
            best = VectorDecoder(MINI_DECODER)
            best.load_state_dict(average.shadow)
            iou, color = measure(encoder, best, test, "cpu")
            print(f"{spent / 60:6.1f} min {seen:8d} shapes test IoU {iou:.4f} colour {color:.4f}", flush=True)
            torch.save({"averages": [checkpoint["averages"][0], average.shadow]}, arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--queries", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--every", type=float, default=120)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
