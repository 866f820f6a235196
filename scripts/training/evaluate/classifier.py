# SPDX-License-Identifier: GPL-3.0-or-later
"""An independent classifier of colored point clouds, trained on catalog shapes only: category, colors.

`python -m scripts.training.evaluate.classifier DATA TEST OUT --minutes 6` trains it and prints its accuracy on real
test shapes. DATA has all (category, color) pairs: errors on a pair new to the classifier would count against the model.
"""

import argparse
import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blender_text3d.engine.nn.embedding import positional_encoding

from ..data.catalogue import CATEGORIES, ROLES
from ..data.colors import COLORS
from ..data.dataset import read
from ..train.loop import Training, add_budget, add_device, average_of, prepare, write_state

OCTAVES, BATCH = 3, 32
WIDTH = 256
"""Channels of a point's features."""
PART_WIDTH = 48
POINTS = 384
"""Points of a shape in a step of training, a random choice of those in the data set."""
LABELS = ("category", "color", "part_colors")


class PointCloudClassifier(nn.Module):
    """A PointNet: a shared MLP per point and pooling, with heads for category, main color and colors of parts.

    A part may have few points, which pooling over all points would lose: each role has its own weights of the points,
    by which their features are averaged.
    """

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(3 + 6 * OCTAVES + 3, 64), nn.GELU(), nn.Linear(64, 128), nn.GELU())
        self.second = nn.Sequential(nn.Linear(256, 192), nn.GELU(), nn.Linear(192, WIDTH))
        self.head = head(len(CATEGORIES) + len(COLORS))
        self.role_scores = nn.Linear(WIDTH, len(ROLES))
        self.part_features = nn.Linear(WIDTH, PART_WIDTH)
        self.part_head = nn.Sequential(nn.GELU(), nn.Linear(PART_WIDTH, 64), nn.GELU(), nn.Linear(64, len(COLORS)))

    def forward(self, points: Tensor, colors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Classify points (B, N, 3) in model space with colors (B, N, 3) sRGB 0..1.

        Returns:
            categories (B, K), main colors (B, 12), colors of each of `ROLES` (B, R, 12).
        """
        h = self.first(torch.cat([positional_encoding(points * 2, OCTAVES), colors * 4 - 2], dim=-1))
        h = self.second(torch.cat([h, h.amax(1, keepdim=True).expand_as(h)], dim=-1))
        logits = self.head(torch.cat([h.amax(1), h.mean(1)], dim=-1))
        weights = self.role_scores(h).float().softmax(1).to(h.dtype)
        parts = self.part_head(weights.transpose(1, 2) @ self.part_features(h))
        return logits[:, : len(CATEGORIES)], logits[:, len(CATEGORIES) :], parts


def head(outputs: int) -> nn.Sequential:
    """Return the layers from pooled features to logits."""
    return nn.Sequential(nn.LayerNorm(2 * WIDTH), nn.Linear(2 * WIDTH, 192), nn.GELU(), nn.Linear(192, outputs))


def normalize_bounds(points):
    """Center points and scale their longest side to 1.8, as in the catalog."""
    low, high = points.amin(-2, keepdim=True), points.amax(-2, keepdim=True)
    return (points - (low + high) / 2) * (1.8 / (high - low).amax(-1, keepdim=True))


@torch.no_grad()
def accuracy(classifier, data, points=512):
    """Return the accuracy of (category, main color, both, captioned part colors) on a data set."""
    right, parts_right, device = [], [], next(classifier.parameters()).device
    for rows in torch.arange(len(data["points"])).split(100):
        cloud, colors = (data[key][rows, :points].to(device).float() for key in ("points", "colors"))
        category, color, parts = (logits.cpu() for logits in classifier(normalize_bounds(cloud), colors / 255))
        right.append(
            torch.stack([category.argmax(1) == data["category"][rows], color.argmax(1) == data["color"][rows]], 1)
        )
        truth = data["part_colors"][rows]
        parts_right.append((parts.argmax(2) == truth)[truth >= 0])
    right = torch.cat(right).float()
    return (*right.mean(0).tolist(), right.prod(1).mean().item(), torch.cat(parts_right).float().mean().item())


def loss_of(classifier, data, rows, device="cpu"):
    """Return the cross entropy of category, main color and part colors from jittered points of some shapes."""
    columns = torch.randperm(data["points"].shape[1])[:POINTS]
    cloud, colors = (data[key][rows][:, columns].to(device).float() for key in ("points", "colors"))
    cloud, colors = normalize_bounds(cloud + 0.01 * torch.randn_like(cloud)), colors / 255
    category, color, parts = classifier(cloud, colors + 0.03 * torch.randn_like(colors))
    kinds, main_colors, part_colors = (data[key][rows].to(device).long() for key in LABELS)
    named = F.cross_entropy(category, kinds) + F.cross_entropy(color, main_colors)
    return named + F.cross_entropy(parts.flatten(0, 1), part_colors.flatten(), ignore_index=-1)


def train(arguments):
    """Train the classifier."""
    prepare(arguments)
    keys = ("points", "colors", *LABELS)
    data, test = (
        {key: torch.from_numpy(value) for key, value in read(folder, keys).items()}
        for folder in (arguments.data, arguments.test)
    )
    classifier = PointCloudClassifier().to(arguments.device)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=2e-3, weight_decay=0.02)
    checkpoint = arguments.out.with_suffix(".checkpoint.pt")
    training = Training(checkpoint, {"classifier": classifier}, [optimizer], decay=0.998, max_norm=math.inf)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(data["points"]), (BATCH,))
        training.step(loss_of(classifier, data, rows, arguments.device), BATCH)
        if is_due:
            figures = accuracy(training.running_averages()["classifier"], test)
            training.report("category {:.4f} color {:.4f} both {:.4f} parts {:.4f}".format(*figures))
    write_state(average_of(checkpoint, "classifier"), arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    add_budget(parser, 6)
    add_device(parser)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
