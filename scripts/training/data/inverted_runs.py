# SPDX-License-Identifier: GPL-3.0-or-later
"""Record runs of the small Shap-E's prior that end at shapes of a data set, found by solving its ODE backwards.

Run as `python -m scripts.training.data.inverted_runs LATENTS.npz OUT`. The files are like those of `data.teacher_runs`,
whose runs end at what guidance makes of a caption: objects that are more alike than the shapes of that caption are.

The path of a shape begins with a little noise, so that it has the distribution on which the network was trained, and
goes up to pure noise without guidance. What was random of the shape is in that noise.

With --classifiers, runs to shapes whose latents decode to something else are left out: thin and small parts get lost.

Source: Song et al. 2021 (DDIM), section 4.3, for the encoding of samples; Karras et al. 2022, algorithm 1, for steps.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, unit_variance_scale
from blender_text3d.engine.diffusion.solvers import HeunSigmas, heun_step
from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS, VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.text.word_encoder import WordEncoderConfig
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed
from blender_text3d.prompts.vocabulary import Vocabulary

from ..evaluate.classifier import load_classifier
from ..train.accelerate import accelerated
from ..train.accelerate import add_arguments as add_acceleration
from ..train.decoded_objects import are_right
from ..train.loop import add_device
from .captioned_latents import LABELS, caption_ids, load_columns, mentioned_parts
from .catalogue import CATEGORIES
from .colors import COLORS
from .teacher_runs import PLAIN, SHAP_E, load_prior, missing_shards, save_shard

FIRST_SIGMA = 0.1
"""Noise level at which a path begins."""


def inverted(denoise, clean, noise, sigmas):
    """Return the states at every level (B, n + 1, …) float32 of paths that end at clean samples.

    Args:
        denoise: (x, sigma) -> denoised x.
        clean: (B, …) float32.
        noise: (B, …) standard normal, added at the lowest level from `FIRST_SIGMA` on.
        sigmas: (n + 1,) float32, descending, ending in 0.
    """
    levels = sigmas.tolist()
    states = [clean + sigma * noise for sigma in levels]
    upwards = [index for index in range(len(levels) - 2, 0, -1) if levels[index] >= FIRST_SIGMA]
    for index in upwards:
        sigma, following = levels[index], levels[index - 1]
        level = HeunSigmas(sigma, sigma, 0.0, following - sigma, following)
        states[index - 1], _ = heun_step(denoise, states[index], level)
    return torch.stack(states, 1)


@torch.inference_mode()
def runs_to(network, latents, captions, generator, device="cpu"):
    """Return the states (S, steps + 1, D) float16 of runs to latents, scaled to unit variance.

    Args:
        network: (x, timesteps, condition) -> clean latents.
        latents: (S, D) float32.
        captions: of the latents.
        generator: of the noise.
        device: of the network.
    """
    conditioner = caption_conditioner(torch.device(device))
    condition = torch.cat([conditioner.encode_prompt(text) for text in captions])
    denoise = guided_denoiser(network, Schedule(SHAP_E.schedule), "x_start", condition, 1.0)
    noise, sigmas = torch.randn(latents.shape, generator=generator).to(device), SHAP_E.sigmas()
    states = inverted(denoise, latents.to(device), noise, sigmas)
    scales = states.new_tensor([unit_variance_scale(sigma) for sigma in sigmas.tolist()])
    return (states * scales[:, None]).half().cpu()


class EncodedShapes:
    """Shapes of an encoded data set.

    Attributes:
        latents: (S, D) float16.
        labels: `LABELS`, the parts' of all parts.
        captions: (S, K) strings.
    """

    def __init__(self, path):
        self.labels = load_columns(path)
        self.latents = self.labels.pop("latents")
        with np.load(path) as data:
            self.captions = data["captions"]


def captions_and_labels(shapes, rows, rng):
    """Return a caption of each shape, some of which name only color and category, and the labels that they tell."""
    vocabulary = Vocabulary.read(VOCABULARY)
    category, color, parts = (shapes.labels[key][rows] for key in LABELS)
    chosen = shapes.captions[rows, rng.integers(shapes.captions.shape[1], size=len(rows))]
    ids = caption_ids(vocabulary, chosen[:, None], WordEncoderConfig(0).n_ctx)
    parts = mentioned_parts(parts, category, ids, vocabulary)
    captions = [str(caption) for caption in chosen]
    for row in np.flatnonzero(rng.random(len(rows)) < PLAIN):
        captions[row] = f"a {list(COLORS)[color[row]]} {CATEGORIES[category[row]].name}"
        parts[row] = -1
    return captions, [category, color, parts]


class NothingRight(Exception):
    """Classifiers find none of many shapes right; the text says what to do."""


def make_shard(network, check, shapes, path, rows, rng, arguments):
    """Write the captions, their labels and the states of the runs to some shapes.

    Args:
        network: as for `runs_to`.
        check: (latents, labels) -> flags of the shapes that are recorded, or None for all.
        shapes: `EncodedShapes`.
        path: the shard's file.
        rows: int64 indices of the shapes.
        rng: source of captions and noise.
        arguments: `batch`, the runs at once, and `device`.

    Raises:
        NothingRight: the check leaves no shape.
    """
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    captions, labels = captions_and_labels(shapes, rows, rng)
    latents, states = shapes.latents[rows].float(), []
    if check:
        torch.manual_seed(int(rng.integers(2**62)))
        right = torch.cat([check(*some) for some in batches(arguments.batch, latents, *labels)])
        if not right.any():
            raise NothingRight(f"The classifiers find none of {len(right)} shapes right. Train them for longer.")
        latents, labels = latents[right], [label[right] for label in labels]
        captions = [caption for caption, kept in zip(captions, right, strict=True) if kept]
    for start in range(0, len(latents), arguments.batch):
        part = slice(start, start + arguments.batch)
        states.append(runs_to(network, latents[part], captions[part], generator, arguments.device))
    columns = {key: label.numpy().astype(np.int16) for key, label in zip(LABELS, labels, strict=True)}
    save_shard(path, captions, torch.cat(states), columns)


def batches(size, latents, *labels):
    """Yield (latents, labels) of so many rows at once."""
    for some, *told in zip(latents.split(size), *(label.split(size) for label in labels), strict=True):
        yield some, told


def check_of(arguments):
    """Return the function that tells which latents classifiers find right; None without classifiers."""
    if not arguments.classifiers:
        return None
    decoder = load_prefixed(VectorDecoder(MINI_DECODER), load_float32(SHAP_E_WEIGHTS), "decoder.", torch.device("cpu"))
    classifiers = [load_classifier(path) for path in arguments.classifiers]
    return partial(are_right, decoder, classifiers)


def make(arguments):
    """Write shards of so many shapes, each another one, and the runs to them; existing ones are kept."""
    shapes = EncodedShapes(arguments.latents)
    order = np.random.default_rng(arguments.seed).permutation(len(shapes.latents))[: arguments.runs]
    network = accelerated(load_prior(arguments.device), arguments)
    check = check_of(arguments)
    for path, rng, start, end in missing_shards(arguments, len(order)):
        make_shard(network, check, shapes, path, order[start:end], rng, arguments)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("latents", type=Path, help="output of `data.latents`")
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=int, default=12_000, help="shapes, those that are left out included")
    parser.add_argument("--classifiers", type=Path, nargs="+", help="of `evaluate.classifier`")
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--threads", type=int, default=1)
    add_device(parser)
    add_acceleration(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    make(arguments)
