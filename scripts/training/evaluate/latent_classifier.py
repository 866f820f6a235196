# SPDX-License-Identifier: GPL-3.0-or-later
"""Classify category and colors of a clean latent.

Run as `python -m scripts.training.evaluate.latent_classifier LATENTS.npz TEST.npz OUT --minutes 12`.

Part colors are a small share of the variance of latents, so a prior with only a squared error loss learns them last.
`train.prior` and `train.distilled_shap_e` add the caption loss of this network. Results are evaluated by
`evaluate.classifier` instead, which is independent of latents.

Colors of parts that no caption names mostly follow from the category, so those that one names count more.
"""

import argparse
import math
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.text.word_encoder import WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data.captioned_latents import LABELS, load, load_columns
from ..data.catalogue import CATEGORIES, ROLES
from ..data.colors import COLORS
from ..train.loop import Training, add_budget, add_device, average_of, prepare, write_state

WIDTH = 768
JITTER = 0.08
CAPTIONED, ALL = 2.0, 0.25
"""Weights of the colors of captioned parts and of all parts."""


class LatentClassifier(nn.Module):
    """Two layers with a residual connection around the second."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(MINI_PRIOR.d_latent, WIDTH), nn.LayerNorm(WIDTH), nn.GELU())
        self.second = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH))
        self.head = nn.Linear(WIDTH, len(CATEGORIES) + len(COLORS) + len(ROLES) * len(COLORS))

    def forward(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of categories (B, K), main colors (B, 12) and part colors (B, R, 12) of latents (B, D)."""
        h = self.first(latents)
        sizes = (len(CATEGORIES), len(COLORS), len(ROLES) * len(COLORS))
        category, color, parts = self.head(h + self.second(h)).split(sizes, dim=1)
        return category, color, parts.unflatten(1, (len(ROLES), -1))


def caption_loss(classifier, latents, category, color, parts):
    """Return the (B,) cross entropy of labels classified from latents (B, D).

    Args:
        classifier: a `LatentClassifier`.
        latents: predicted latents.
        category, color: (B,) int64, -1 to ignore it.
        parts: (B, R) int64 color of each of `ROLES`, -1 to ignore it.
    """
    return label_loss(classifier(latents), category, color, parts)


def label_loss(logits, category, color, parts, part_weight=1.0):
    """Return the (B,) cross entropy of labels, as `caption_loss` takes them.

    Args:
        logits: of categories (B, K), main colors (B, 12) and part colors (B, R, 12).
        category, color, parts: the labels.
        part_weight: weight of the colors of parts.
    """
    cross_entropy = partial(F.cross_entropy, ignore_index=-1, reduction="none")
    seen_category, seen_color, seen_parts = logits
    of_parts = part_weight * cross_entropy(seen_parts.transpose(1, 2), parts).sum(1)
    return of_parts + cross_entropy(seen_category, category) + cross_entropy(seen_color, color)


def training_loss(classifier, latents, category, color, parts, all_parts):
    """Return the (B,) loss of latents (B, D): `caption_loss` with other weights of parts, and of all parts."""
    nothing = torch.full_like(category, -1)
    of_whole = caption_loss(classifier, latents, category, color, torch.full_like(parts, -1))
    of_parts = [caption_loss(classifier, latents, nothing, nothing, some) for some in (parts, all_parts)]
    return of_whole + CAPTIONED * of_parts[0] + ALL * of_parts[1]


def load_both(path):
    """Return the latents and `LABELS` of an encoded data set, those of captioned parts, and `all_parts`."""
    told = load(path, Vocabulary.read(VOCABULARY), WordEncoderConfig(0).n_ctx)
    columns = {key: told[key] for key in ("latents", *LABELS)}
    return columns | {"all_parts": load_columns(path)["part_colors"]}


@torch.no_grad()
def accuracy(classifier, data):
    """Return the accuracy of categories, main colors and colors of captioned parts."""
    latents = data["latents"].to(next(classifier.parameters()).device).float()
    category, color, parts = (logits.cpu() for logits in classifier(latents))
    is_right = (category.argmax(1) == data["category"], color.argmax(1) == data["color"])
    has_part = data["part_colors"] >= 0
    parts_right = (parts.argmax(2) == data["part_colors"])[has_part]
    return [flags.float().mean().item() for flags in (*is_right, parts_right)]


def train(arguments):
    """Train the classifier."""
    prepare(arguments)
    data, test = load_both(arguments.data), load_both(arguments.test)
    classifier = LatentClassifier().to(arguments.device)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=1e-3, weight_decay=0.1)
    checkpoint = arguments.out.with_suffix(".checkpoint.pt")
    training = Training(checkpoint, {"classifier": classifier}, [optimizer], decay=0.998, max_norm=math.inf)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(data["latents"]), (arguments.batch,))
        latents, *labels = (data[key][rows].to(arguments.device) for key in ("latents", *LABELS, "all_parts"))
        jittered = latents.float() + JITTER * torch.randn(latents.shape, device=latents.device)
        training.step(training_loss(classifier, jittered, *labels).mean(), arguments.batch)
        if is_due:
            figures = accuracy(training.running_averages()["classifier"], test)
            training.report("category {:.4f} color {:.4f} parts {:.4f}".format(*figures))
    write_state(average_of(checkpoint, "classifier"), arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    add_budget(parser, 12)
    add_device(parser)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
