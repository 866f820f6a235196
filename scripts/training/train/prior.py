# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small Shap-E's prior and text encoder.

Run as `python -m scripts.training.train.prior LATENTS.npz TEST.npz OUT --minutes 50`.

The network predicts the clean latent under Shap-E's own schedule. Noise levels are drawn from the cosine curve, so that
most lie where details are decided. Beside the squared error it is asked, by a `latent_judge`, whether its latents say
what the captions told, less and less as the run goes on; and, with --looks, whether they decode to the true colors.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.vocabulary import Vocabulary
from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig

from ..data import distributed
from ..data.catalogue import CATEGORIES, ROLES
from ..evaluate.color_error import Looks
from ..evaluate.latent_classifier import LABELS, LatentJudge, caption_loss, load_columns
from .loop import Training, average_of
from .optimizers import optimizers

DROPPED = 0.1
"""Share of samples trained without their caption, for classifier-free guidance."""


def caption_ids(vocabulary, captions, n_ctx):
    """(S, K) captions -> (S, K, n_ctx) int64 word numbers."""
    ids = np.zeros((*captions.shape, n_ctx), np.int64)
    for place, text in np.ndenumerate(captions):
        numbers = [vocabulary.ids[token] for token in vocabulary.parse_prompt(str(text)).tokens][:n_ctx]
        ids[place][: len(numbers)] = numbers
    return torch.from_numpy(ids)


def role_numbers(vocabulary):
    """One dict a category: role -> the sets of word numbers, any of which, all there, tell of it."""
    return [
        {role: [numbers_of(vocabulary, word) for word in words] for role, (words, _) in category.accents.items()}
        for category in CATEGORIES
    ]


def numbers_of(vocabulary, words):
    """The set of numbers of some words."""
    return {vocabulary.ids[token] for token in vocabulary.parse_prompt(words).tokens}


def mentioned_parts(part_colors, category, ids, vocabulary):
    """(S, R) colors of the parts that the captions tell of, -1 elsewhere; all captions of a shape tell the same."""
    told, numbers = torch.full_like(part_colors, -1), role_numbers(vocabulary)
    for row, (kind, words) in enumerate(zip(category.tolist(), ids.flatten(1).tolist(), strict=True)):
        for role, ways in numbers[kind].items():
            if any(way and way <= set(words) for way in ways):
                told[row, ROLES.index(role)] = part_colors[row, ROLES.index(role)]
    return told


def load(path, vocabulary, n_ctx):
    """Columns of an encoded data set by name, with ids (S, K, n_ctx), and part_colors of the told parts alone."""
    with np.load(path) as data:
        ids = caption_ids(vocabulary, data["captions"], n_ctx)
    columns = load_columns(path)
    columns["part_colors"] = mentioned_parts(columns["part_colors"], columns["category"], ids, vocabulary)
    return columns | {"ids": ids}


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
    """(count,) timesteps, stratified, along the cosine curve of signal."""
    place = (torch.arange(count) + torch.rand(count)) / count
    wanted = torch.cos(place * torch.pi / 2).square().clamp(6.2e-6, 0.9995)
    return torch.searchsorted(-alphas_cumprod, -wanted).clamp(max=len(alphas_cumprod) - 1)


def loss_of(prior, text, latents, ids, alphas_cumprod):
    """Of B samples: weighted squared error, plain squared error, the predicted latents, and which had their caption."""
    t = noise_levels(len(latents), alphas_cumprod).to(latents.device)
    signal = alphas_cumprod.to(latents.device)[t].float()[:, None]
    noisy = signal.sqrt() * latents + (1 - signal).sqrt() * torch.randn_like(latents)
    kept = torch.rand(len(latents), device=latents.device) > DROPPED
    predicted = prior(noisy, t, text(ids) * kept[:, None, None])
    error = (predicted - latents).square().mean(1)
    weight = (1.0 / (1.0 - signal[:, 0])).clamp(max=6.0)  # 1 / (1 - alpha_bar) = SNR + 1
    return error * weight, error, predicted, kept


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


def take_text(text, checkpoint):
    """Another run's word encoder, if one is given; it learns no more, so that both families may share it."""
    if checkpoint:
        text.load_state_dict(average_of(checkpoint, "text"))
        text.requires_grad_(False)


def start(arguments, vocabulary):
    """The networks and their training, from the checkpoint if there is one."""
    text, prior = WordEncoder(WordEncoderConfig(len(vocabulary.ids))), SplitVectorDiffusion(MINI_PRIOR)
    initialize(prior)
    if arguments.start:
        prior.load_state_dict(average_of(arguments.start, "prior"))
        text.load_state_dict(average_of(arguments.start, "text"))
    take_text(text, arguments.text)
    networks = {"prior": prior.to(arguments.device), "text": text.to(arguments.device)}
    learning = [prior] if arguments.text else networks.values()
    chosen = optimizers(learning, arguments.rate, arguments.muon_rate or None)
    return Training(arguments.out, networks, chosen, decay=arguments.decay)


def loaded_judge(path, device):
    """A trained `LatentJudge` that learns no more."""
    judge = LatentJudge()
    judge.load_state_dict(torch.load(path))
    return judge.to(device).eval().requires_grad_(False)


def train(arguments):
    """The whole run."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    vocabulary, device = Vocabulary.read(VOCABULARY), arguments.device
    training = start(arguments, vocabulary)
    prior, text = training.networks.values()
    data, test = (load(path, vocabulary, text.config.n_ctx) for path in (arguments.data, arguments.test))
    test = [test[key][:1000].to(device) for key in ("latents", "ids")]
    judge = loaded_judge(arguments.judge, device)
    looks = Looks.read(*arguments.looks, device) if arguments.looks else None
    alphas_cumprod = torch.from_numpy(Schedule("exp").alphas_cumprod)
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = torch.randint(len(data["latents"]), (arguments.batch,))
        batch = {key: value[rows].to(device) for key, value in data.items()}
        words = batch["ids"][torch.arange(len(rows)), torch.randint(batch["ids"].shape[1], (len(rows),))]
        weighted, _, predicted, kept = loss_of(prior, text, batch["latents"].float(), words, alphas_cumprod)
        against = caption_loss(judge, predicted, *(batch[key] for key in LABELS))
        factor = arguments.judged * (1 - 0.8 * training.spent_s / (60 * arguments.minutes))
        loss = weighted + factor * kept * against
        if looks:
            loss = loss + looks.error(predicted, rows)
        training.step(loss.mean(), arguments.batch)
        if is_due:
            error = measure(*training.averaged().values(), *test, alphas_cumprod)
            training.report(f"test x0 error {error:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--judge", type=Path, required=True, help="what `latent_judge` trained on the same latents")
    parser.add_argument("--looks", type=Path, nargs=2, help="the data set behind the latents, and the autoencoder")
    parser.add_argument("--start", type=Path, help="checkpoint to begin with, of other latents or fewer minutes")
    parser.add_argument("--text", type=Path, help="checkpoint whose word encoder is taken and left as it is")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon-rate", type=float, default=0, help="0: AdamW for all")
    parser.add_argument("--judged", type=float, default=0.01, help="of the judge, at first; at the end a fifth")
    parser.add_argument("--decay", type=float, default=0.999)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
