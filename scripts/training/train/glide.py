# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the small GLIDE: `python -m scripts.training.train.glide VIEWS OUT`.

VIEWS is a folder from `images.view_dataset`. Each time a view is drawn, it gets new colors, from the training split of
its category, and a new caption. The image network and the text transformer are trained together.
"""

import argparse
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from blender_text3d.engine.glide.configs import PICTURE_CHANNELS
from blender_text3d.engine.glide.mini import CONFIG
from blender_text3d.engine.glide.qualities import BASE_SCHEDULE
from blender_text3d.engine.glide.respacing import RespacedSchedule
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.glide.velocity import signal_and_noise
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data import distributed
from ..images.captioned_views import captioned_views
from ..images.coloring import TRAINING_COLORS
from ..images.image_dataset import read_images
from .bfloat16_layers import use_bfloat16_layers
from .loop import Training, add_budget, add_device, average_of, prepare
from .muon import Muon

SCHEDULE = RespacedSchedule(BASE_SCHEDULE)
LEVELS = np.sqrt(1 / SCHEDULE.alphas_cumprod - 1)
MEDIAN_LEVEL, MIN_LEVEL, MAX_LEVEL = 1.5, 0.02, 100.0
"""Noise levels of training: more noise than the schedule's, as views are smooth and mostly plain."""
MAX_WEIGHT = 6.0
"""Largest weight of the clean picture's error, at low noise levels."""
NO_TEXT_SHARE = 0.1
ADAM_LAYERS = ("input_blocks.0.", "out.2.", "embedding")
"""Layers that are not hidden ones, or not layers."""


def new_networks():
    """Return the networks by name, with one embedding for each word of the vocabulary and one for padding."""
    config = replace(CONFIG, vocabulary=1 + len(Vocabulary.read(VOCABULARY).ids))
    return {"text": TextTransformer(config), "image": UNet(config)}


def initialize(networks, start):
    """Initialize the networks so that every residual branch is 0, or from the averages of a checkpoint."""
    for name, parameter in networks["image"].named_parameters():
        if any(last in name for last in ("out_layers.3.", "proj_out.", "out.2.")):
            nn.init.zeros_(parameter)
    if start:
        for name, network in networks.items():
            network.load_state_dict(average_of(start, name))


def optimizers(networks, rate, muon_rate):
    """Return Muon for the hidden layers and AdamW for the rest."""
    named = [pair for network in networks.values() for pair in network.named_parameters()]
    is_hidden = [value.ndim > 1 and not any(part in name for part in ADAM_LAYERS) for name, value in named]
    hidden = [value for (_, value), hides in zip(named, is_hidden, strict=True) if hides]
    others = [value for (_, value), hides in zip(named, is_hidden, strict=True) if not hides]
    return [Muon(hidden, muon_rate), torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.99), weight_decay=1e-4)]


def draw_timesteps(count):
    """Return (count,) int64 timesteps, evenly spread over the distribution of noise levels."""
    share = (torch.randperm(count) + torch.rand(count)) / count
    level = (MEDIAN_LEVEL * torch.tan(0.5 * math.pi * share)).clamp(MIN_LEVEL, MAX_LEVEL)
    return torch.from_numpy(np.searchsorted(LEVELS, level.numpy())).clamp(max=len(LEVELS) - 1)


def loss_of(networks, batch):
    """Return the weighted squared error of the clean picture plus the loss of the variance."""
    pixels, ids = batch
    device = pixels.device
    mask = (ids > 0) & (torch.rand(len(ids), 1) >= NO_TEXT_SHARE).to(device)
    t, noise = draw_timesteps(len(pixels)).to(device), torch.randn_like(pixels)
    alpha, sigma = (values[:, None, None, None] for values in signal_and_noise(t))
    x = alpha * pixels + sigma * noise
    with torch.autocast(device.type, torch.bfloat16):
        unet = networks["image"]
        text = unet.condition(networks["text"](ids, mask))
        output = unet(x, t, text).float()
    start = (x - sigma * output[:, :PICTURE_CHANNELS]) / alpha
    weight = (1 / sigma**2).clamp(max=MAX_WEIGHT)
    variance = variance_loss(output[:, PICTURE_CHANNELS:], start.detach(), pixels, t)
    return (weight * (start - pixels) ** 2).mean() + variance


def variance_loss(fraction, start, pixels, t):
    """Return the divergence, in bits per value, of the step's distribution with the estimated variance.

    Source: Nichol and Dhariwal 2021, equations 15 and 16, without the gradient of the mean.
    """
    smallest, largest, by_start = (
        torch.from_numpy(values).to(t.device)[t].float()[:, None, None, None]
        for values in (
            SCHEDULE.posterior_log_variance_clipped,
            np.log(SCHEDULE.betas),
            SCHEDULE.posterior_mean_coef1,
        )
    )
    log_variance = smallest + (fraction + 1) / 2 * (largest - smallest)
    distance = (by_start * (start.clamp(-1, 1) - pixels)) ** 2
    bits = (
        0.5
        / math.log(2)
        * (log_variance - smallest - 1 + (smallest - log_variance).exp() + distance * (-log_variance).exp())
    )
    return bits.mean()


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    if torch.device(arguments.device).type == "cpu":
        use_bfloat16_layers()
    rng = np.random.default_rng(arguments.seed)
    shapes = read_images(arguments.data)
    networks = {name: network.to(arguments.device) for name, network in new_networks().items()}
    initialize(networks, arguments.start)
    chosen = optimizers(networks, arguments.rate, arguments.muon_rate)
    average = {"decay": arguments.decay, "hold": arguments.hold}
    training = Training(arguments.out, networks, chosen, **average, generators=[rng])
    for is_due in training.rounds(arguments):
        rows = rng.integers(0, len(shapes["category"]), arguments.batch)
        batch = captioned_views(shapes, rows, TRAINING_COLORS, CONFIG.text_ctx, rng)
        training.step(loss_of(networks, [values.to(arguments.device) for values in batch]), arguments.batch)
        if is_due:
            training.report("")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint whose averages to start from")
    add_budget(parser, 75)
    parser.add_argument("--batch", type=int, default=32, help="views per process")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--muon-rate", type=float, default=4e-3)
    parser.add_argument("--hold", type=float, default=0.4, help="share of the run before the rate falls")
    parser.add_argument("--decay", type=float, default=0.998)
    parser.add_argument("--every", type=float, default=120)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
