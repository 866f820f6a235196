# SPDX-License-Identifier: GPL-3.0-or-later
"""Classify category and colors of a clean latent.

Run as `python -m scripts.training.evaluate.latent_classifier LATENTS.npz TEST.npz OUT --minutes 2`.

Part colors are a small share of the variance of latents, so a prior with only a squared error loss learns them last.
`train.prior` adds the caption loss of this network. Results are evaluated by `evaluate.classifier` instead, which is
independent of latents.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blender_text3d.engine.shap_e.configs import MINI_PRIOR

from ..data.catalogue import CATEGORIES, ROLES
from ..data.colors import COLORS
from ..train.loop import Training, add_budget, add_device, prepare, write_state

WIDTH = 768
JITTER = 0.05
LABELS = ("category", "color", "part_colors")


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


def load_columns(path):
    """Load the latents (float16) and labels (int64) of an encoded data set by name."""
    with np.load(path) as data:
        columns = {key: torch.from_numpy(data[key]) for key in ("latents", *LABELS)}
    return {key: value if key == "latents" else value.long() for key, value in columns.items()}


def caption_loss(classifier, latents, category, color, parts):
    """Return the (B,) cross entropy of labels classified from latents (B, D).

    Args:
        classifier: a `LatentJudge`.
        latents: predicted latents.
        category, color: (B,) int64.
        parts: (B, R) int64 color of each of `ROLES`, -1 to ignore it.
    """
    seen_category, seen_color, seen_parts = classifier(latents)
    of_parts = F.cross_entropy(seen_parts.transpose(1, 2), parts, ignore_index=-1, reduction="none").sum(1)
    of_whole = F.cross_entropy(seen_category, category, reduction="none")
    return of_parts + of_whole + F.cross_entropy(seen_color, color, reduction="none")


@torch.no_grad()
def accuracy(classifier, data):
    """Return the accuracy of categories, main colors and part colors."""
    latents = data["latents"].to(next(classifier.parameters()).device).float()
    category, color, parts = (logits.cpu() for logits in classifier(latents))
    is_right = (category.argmax(1) == data["category"], color.argmax(1) == data["color"])
    has_part = data["part_colors"] >= 0
    parts_right = (parts.argmax(2) == data["part_colors"])[has_part]
    return [flags.float().mean().item() for flags in (*is_right, parts_right)]


def train(arguments):
    """Train the classifier."""
    prepare(arguments)
    data, test = load_columns(arguments.data), load_columns(arguments.test)
    classifier = LatentClassifier().to(arguments.device)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=1e-3, weight_decay=0.05)
    checkpoint = arguments.out.with_suffix(".checkpoint.pt")
    training = Training(checkpoint, {"classifier": classifier}, [optimizer], decay=0.998, max_norm=math.inf)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(data["latents"]), (arguments.batch,))
        latents, *labels = (data[key][rows].to(arguments.device) for key in ("latents", *LABELS))
        jittered = latents.float() + JITTER * torch.randn(latents.shape, device=latents.device)
        training.step(caption_loss(classifier, jittered, *labels).mean(), arguments.batch)
        if is_due:
            figures = accuracy(classifier.eval(), test)
            training.report("category {:.4f} color {:.4f} parts {:.4f}".format(*figures))
            classifier.train()
    write_state(classifier.state_dict(), arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    add_budget(parser, 2)
    add_device(parser)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
