# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small Shap-E's prior and text encoder: `python -m mini.train_prior LATENTS.npz TEST.npz OUT --minutes 50`.

The network predicts the clean latent under Shap-E's own schedule. Noise levels are drawn from the cosine curve, so that
most lie where details are decided.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_PRIOR, mini_word_encoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.word_encoder import WordEncoder
from blender_text3d.engine.text.words import Vocabulary

from . import parallel
from .optimizing import optimizers
from .training import Training, average_of

DROPPED = 0.1
"""Share of samples trained without their caption, for classifier-free guidance."""


def caption_ids(vocabulary, captions, n_ctx):
    """[S, K] captions -> [S, K, n_ctx] int64 word numbers."""
    ids = np.zeros((*captions.shape, n_ctx), np.int64)
    for place, text in np.ndenumerate(captions):
        numbers = [vocabulary.ids[token] for token in vocabulary.read_prompt(str(text)).tokens][:n_ctx]
        ids[place][: len(numbers)] = numbers
    return torch.from_numpy(ids)


def load(path, vocabulary, n_ctx):
    """(latents [S, D] float32, ids [S, K, n_ctx]) of an encoded data set; the ids are kept beside it."""
    with np.load(path) as data:
        latents, captions = torch.from_numpy(data["latents"]), data["captions"]
    return latents, caption_ids(vocabulary, captions, n_ctx)


def initialize(prior):
    """Small steps at first: every block adds little, the output begins at zero."""
    for block in prior.wrapped.backbone.resblocks:
        for layer in (block.attn.c_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
            torch.nn.init.zeros_(layer.bias)
    torch.nn.init.normal_(prior.wrapped.pos_emb, std=0.1)
    torch.nn.init.zeros_(prior.wrapped.output_proj.weight)
    torch.nn.init.zeros_(prior.wrapped.output_proj.bias)


def noise_levels(count, alphas_cumprod):
    """[count] timesteps, stratified, along the cosine curve of signal."""
    place = (torch.arange(count) + torch.rand(count)) / count
    wanted = torch.cos(place * torch.pi / 2).square().clamp(6.2e-6, 0.9995)
    return torch.searchsorted(-alphas_cumprod, -wanted).clamp(max=len(alphas_cumprod) - 1)


def loss_of(prior, text, latents, ids, alphas_cumprod):
    """Weighted squared error of the predicted clean latents, one value per sample, and the timesteps."""
    t = noise_levels(len(latents), alphas_cumprod).to(latents.device)
    signal = alphas_cumprod.to(latents.device)[t].float()[:, None]
    noisy = signal.sqrt() * latents + (1 - signal).sqrt() * torch.randn_like(latents)
    kept = (torch.rand(len(latents), 1, device=latents.device) > DROPPED).float()
    error = (prior(noisy, t, text(ids) * kept) - latents).square().mean(1)
    weight = (1.0 / (1.0 - signal[:, 0])).clamp(max=6.0)  # 1 / (1 - alpha_bar) = SNR + 1
    return error * weight, error


@torch.no_grad()
def measure(prior, text, latents, ids, alphas_cumprod):
    """Mean squared error of the clean latent over a fixed test set and fixed noise."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    errors = [
        loss_of(prior, text, part, words, alphas_cumprod)[1]
        for part, words in zip(latents.float().split(50), ids[:, 0].split(50), strict=True)
    ]
    torch.set_rng_state(state)
    return torch.cat(errors).mean().item()


def start(arguments, vocabulary):
    """The networks and their training, from the checkpoint if there is one."""
    text, prior = WordEncoder(mini_word_encoder(len(vocabulary.ids))), SplitVectorDiffusion(MINI_PRIOR)
    initialize(prior)
    if arguments.start:
        prior.load_state_dict(average_of(arguments.start, "prior"))
        text.load_state_dict(average_of(arguments.start, "text"))
    networks = {"prior": prior.to(arguments.device), "text": text.to(arguments.device)}
    return Training(arguments.out, networks, optimizers(networks.values(), arguments.rate), decay=arguments.decay)


def train(arguments):
    """The whole run."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    vocabulary, device = Vocabulary.read(VOCABULARY), arguments.device
    training = start(arguments, vocabulary)
    prior, text = training.networks.values()
    latents, ids = load(arguments.data, vocabulary, text.config.n_ctx)
    test = [column[:1000].to(device) for column in load(arguments.test, vocabulary, text.config.n_ctx)]
    alphas_cumprod = torch.from_numpy(Schedule("exp").alphas_cumprod)
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = torch.randint(len(latents), (arguments.batch,))
        words = ids[rows, torch.randint(ids.shape[1], (arguments.batch,))].to(device)
        weighted, _ = loss_of(prior, text, latents[rows].to(device).float(), words, alphas_cumprod)
        training.step(weighted.mean(), arguments.batch)
        if is_due:
            error = measure(*training.averaged().values(), *test, alphas_cumprod)
            training.report(f"test x0 error {error:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint to begin with, of other latents or fewer minutes")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.999)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parallel.add_arguments(parser)
    parallel.run(train, parser.parse_args())
