# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the base and text encoder of the small Point-E.

Run as `python -m scripts.training.train.point_e_base DATA PLACES OUT --minutes 30`.

DATA is a data set, PLACES its point order from `scripts.training.data.point_ordering`. The network predicts the clean
cloud under Point-E's schedule: with ordered points, the prompt determines most of the cloud, and predicting the noise
would have no advantage.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.point_e.grouped_transformer import GroupedBase
from blender_text3d.engine.point_e.mini import MINI_BASE
from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data import distributed
from ..data.dataset import SHARD
from ..data.ordered_clouds import Clouds, scale_clouds
from .accelerate import accelerated, in_float32
from .accelerate import add_arguments as add_acceleration
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers
from .prior import CAPTION_DROPOUT, load_text_encoder

SCHEDULE = "cosine"
MAX_WEIGHT = 6.0
CHANNEL_WEIGHTS = (1 / 6, 1 / 6, 1 / 6, 1 / 3, 1 / 3, 1 / 3)
"""Colors have a double weight, since the color of a captioned part is a small share of the loss."""
CONTRAST = 2.0
"""Additional weight of the color of a point, for each unit of its distance from the mean color: parts are small."""


def initialize(network):
    """Initialize residual branches with small weights and the output with zero."""
    wrapped = network.wrapped
    for block in wrapped.backbone.resblocks:
        for layer in (block.attn.c_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
            torch.nn.init.zeros_(layer.bias)
    torch.nn.init.zeros_(wrapped.output_proj.weight)
    torch.nn.init.zeros_(wrapped.output_proj.bias)
    if network.config.use_pos_emb:
        torch.nn.init.normal_(wrapped.pos_emb, std=0.1)


def stratified_timesteps(count, timesteps):
    """Return (count,) int64 timesteps, one in each of `count` equal intervals of the schedule."""
    return ((torch.arange(count) + torch.rand(count)) / count * timesteps).long()


def noisy(clean, noise, alpha_bar):
    """Add noise to clean data, both (B, C, N), at signal levels alpha_bar (B,).

    Source: Ho et al. 2020, equation 4.
    """
    return alpha_bar.sqrt()[:, None, None] * clean + (1 - alpha_bar).sqrt()[:, None, None] * noise


def channel_weights(clouds):
    """Return the (B, 6, N) weights of the errors of clouds (B, 6, N): places count alike, rare colors more."""
    colors = clouds[:, 3:]
    contrast = (colors - colors.mean(2, keepdim=True)).square().mean(1, keepdim=True).sqrt()
    weights = clouds.new_tensor(CHANNEL_WEIGHTS)[:, None]
    return torch.cat([weights[:3].expand_as(clouds[:, :3]), weights[3:] * (1 + CONTRAST * contrast)], 1)


def loss_of(base, text, clouds, ids, alphas_cumprod):
    """Return the (B,) squared error of the clean clouds, weighted by min(SNR + 1, MAX_WEIGHT)."""
    t = stratified_timesteps(len(clouds), len(alphas_cumprod))
    alpha_bar = alphas_cumprod[t].float().to(clouds.device)
    kept = (torch.rand(len(clouds), 1, 1) > CAPTION_DROPOUT).float().to(clouds.device)
    x = noisy(clouds, torch.randn_like(clouds), alpha_bar)
    difference = base(x, t.to(clouds.device), text(ids) * kept) - clouds
    error = (difference.square() * channel_weights(clouds)).mean(2).sum(1)
    return error * (1 / (1 - alpha_bar)).clamp(max=MAX_WEIGHT)


@torch.no_grad()
def measure(base, text, clouds, alphas_cumprod, shapes=500):
    """Return the mean loss over a fixed test set with fixed noise."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    losses = []
    for rows in torch.arange(min(shapes, len(clouds))).split(50):
        _, placed, ids = clouds.at(rows)
        losses.append(loss_of(base, text, scale_clouds(placed), ids, alphas_cumprod))
    torch.set_rng_state(state)
    return torch.cat(losses).mean().item()


def with_new_places(clouds, arguments, vocabulary):
    """Return the data, reloaded if the number of ordered shapes has grown by half."""
    if len(list(arguments.places.glob("[0-9]*[0-9].npy"))) * SHARD < 1.5 * len(clouds):
        return clouds
    return Clouds(arguments.data, arguments.places, vocabulary, device=arguments.device)


def start(arguments, vocabulary):
    """Create the networks and their training, resumed from an existing checkpoint."""
    base, text = GroupedBase(MINI_BASE), WordEncoder(WordEncoderConfig(len(vocabulary.ids)))
    initialize(base)
    if arguments.start:
        base.load_state_dict(average_of(arguments.start, "base"))
        text.load_state_dict(average_of(arguments.start, "text"))
    load_text_encoder(text, arguments.text)
    networks = {"base": base.to(arguments.device), "text": text.to(arguments.device)}
    learning = [base] if arguments.text else networks.values()
    chosen = optimizers(learning, arguments.rate, arguments.muon_rate or None)
    return Training(arguments.out, networks, chosen, decay=arguments.decay)


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    vocabulary = Vocabulary.read(VOCABULARY)
    training = start(arguments, vocabulary)
    base, text = training.networks.values()
    clouds = Clouds(arguments.data, arguments.places, vocabulary, device=arguments.device)
    test = Clouds(arguments.test, arguments.test_places, vocabulary, 500, arguments.device)
    alphas_cumprod = torch.from_numpy(Schedule(SCHEDULE).alphas_cumprod)
    denoise = in_float32(accelerated(base, arguments))
    for is_due in training.rounds(arguments):
        _, placed, ids = clouds.at(torch.randint(len(clouds), (arguments.batch,)))
        training.step(loss_of(denoise, text, scale_clouds(placed), ids, alphas_cumprod).mean(), arguments.batch)
        if is_due:
            training.report(f"test loss {measure(*training.running_averages().values(), test, alphas_cumprod):.4f}")
            clouds = with_new_places(clouds, arguments, vocabulary)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("places", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", type=Path, required=True, help="test data set")
    parser.add_argument("--test-places", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="initial checkpoint, of fewer minutes")
    parser.add_argument("--text", type=Path, help="checkpoint of the frozen word encoder")
    add_budget(parser, 30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon-rate", type=float, default=0, help="0: AdamW for all parameters")
    parser.add_argument("--decay", type=float, default=0.999)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
