# SPDX-License-Identifier: GPL-3.0-or-later
"""A classifier of colored point clouds, trained on catalog shapes only: category, main color, colors of parts.

`python -m scripts.training.evaluate.classifier DATA TEST OUT --minutes 20` trains it and prints its accuracy on real
test shapes. The one that evaluates objects is trained on DATA of all (category, color) pairs, since errors on a pair
new to it would count against the model. `train.distilled_shap_e` learns from another one, of the data set that the
models are trained on: the one that evaluates stays independent.

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
from blender_text3d.engine.nn.embedding import positional_encoding
from blender_text3d.engine.text.word_encoder import WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data.captioned_latents import caption_ids, mentioned_parts
from ..data.catalogue import CATEGORIES, ROLES
from ..data.colors import COLORS
from ..data.dataset import read
from ..train.accelerate import accelerated
from ..train.accelerate import add_arguments as add_acceleration
from ..train.loop import Training, add_budget, add_device, average_of, prepare, write_state

OCTAVES, BATCH = 3, 32
WIDTH = 256
"""Channels of a point's features."""
PART_WIDTH = 48
POINTS = 1024
"""Points of a shape: an eye has a few of them."""
CAPTIONED, ALL = 2.0, 0.5
"""Weights of the colors of captioned parts and of all parts in the loss."""
WAVE, NOISE, COLOR_NOISE, PALER = 0.04, 0.03, 0.08, 0.3
"""Largest deformations of a shape in training: amplitude and standard deviation, in model space and of sRGB 0..1, and
the share of the mean color that each point takes."""
LABELS = ("category", "color", "part_colors", "captioned")


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
        h = self.second(torch.cat([h, h.max(1, keepdim=True).values.expand_as(h)], dim=-1))
        logits = self.head(torch.cat([h.max(1).values, h.mean(1)], dim=-1))
        weights = self.role_scores(h).float().softmax(1).to(h.dtype)
        parts = self.part_head(weights.transpose(1, 2) @ self.part_features(h))
        return logits[:, : len(CATEGORIES)], logits[:, len(CATEGORIES) :], parts


def load_classifier(path: Path, device="cpu") -> PointCloudClassifier:
    """Load a frozen classifier, the output of this script, on a device."""
    classifier = PointCloudClassifier()
    classifier.load_state_dict(torch.load(path, map_location="cpu"))
    return classifier.to(device).eval().requires_grad_(False)


def head(outputs: int) -> nn.Sequential:
    """Return the layers from pooled features to logits."""
    return nn.Sequential(nn.LayerNorm(2 * WIDTH), nn.Linear(2 * WIDTH, 192), nn.GELU(), nn.Linear(192, outputs))


def normalize_bounds(points):
    """Center points and scale their longest side to 1.8, as in the catalog."""
    low, high = points.amin(-2, keepdim=True), points.amax(-2, keepdim=True)
    return (points - (low + high) / 2) * (1.8 / (high - low).amax(-1, keepdim=True))


def load(folder):
    """Return points, colors and `LABELS` of a data set as tensors; in `captioned`, parts no caption names are -1."""
    data = {key: torch.from_numpy(value) for key, value in read(folder, ("points", "colors", *LABELS[:3])).items()}
    vocabulary, captions = Vocabulary.read(VOCABULARY), read(folder, ("captions",))["captions"]
    ids = caption_ids(vocabulary, captions, WordEncoderConfig(0).n_ctx)
    return data | {"captioned": mentioned_parts(data["part_colors"], data["category"], ids, vocabulary)}


@torch.no_grad()
def accuracy(classifier, data, points=POINTS):
    """Return the accuracy of (category, main color, both, colors of parts, of captioned parts) on a data set."""
    right, parts_right, device = [], ([], []), next(classifier.parameters()).device
    for rows in torch.arange(len(data["points"])).split(100):
        cloud, colors = (data[key][rows, :points].to(device).float() for key in ("points", "colors"))
        category, color, parts = (logits.cpu() for logits in classifier(normalize_bounds(cloud), colors / 255))
        right.append(
            torch.stack([category.argmax(1) == data["category"][rows], color.argmax(1) == data["color"][rows]], 1)
        )
        for found, key in zip(parts_right, ("part_colors", "captioned"), strict=True):
            truth = data[key][rows]
            found.append((parts.argmax(2) == truth)[truth >= 0])
    right, of_parts = torch.cat(right).float(), [torch.cat(found).float().mean().item() for found in parts_right]
    return (*right.mean(0).tolist(), right.prod(1).mean().item(), *of_parts)


def classification_loss(classifier, cloud, colors, category, color, part_colors, captioned):
    """Return the (B,) cross entropy of category, main color and part colors of clouds.

    Args:
        classifier: a `PointCloudClassifier`.
        cloud, colors: its arguments.
        category, color: (B,) int64.
        part_colors, captioned: (B, R) int64 colors of each of `ROLES`, -1 to ignore it.
    """
    cross_entropy = partial(F.cross_entropy, ignore_index=-1, reduction="none")
    seen_category, seen_color, seen_parts = (logits.float() for logits in classifier(cloud, colors))
    named = cross_entropy(seen_category, category) + cross_entropy(seen_color, color)
    seen_parts = seen_parts.transpose(1, 2)
    captioned_loss = CAPTIONED * cross_entropy(seen_parts, captioned).sum(1)
    present = (part_colors >= 0).sum(1).clamp(min=1)
    return named + captioned_loss + ALL * cross_entropy(seen_parts, part_colors).sum(1) / present


def draw(data, count, device):
    """Return the arguments of `classification_loss`, but for the classifier, of random shapes that are `deformed`."""
    rows, columns = torch.randint(len(data["points"]), (count,)), torch.randperm(data["points"].shape[1])[:POINTS]
    cloud, colors = (data[key][rows][:, columns].to(device).float() for key in ("points", "colors"))
    labels = [data[key][rows].to(device).long() for key in LABELS]
    return *deformed(cloud, colors / 255), *labels


def deformed(cloud, colors):
    """Return clouds (B, N, 3) with noise and waves, in the bounds of model space, and their colors, noisy and paler.

    Generated surfaces are smooth where those of the catalog have edges, and colors run into each other.
    """
    count, device = len(cloud), cloud.device
    waves = (
        WAVE
        * torch.rand(count, 1, 3, device=device)
        * torch.sin(
            cloud @ (3 * torch.randn(count, 3, 3, device=device)) + 6.3 * torch.rand(count, 1, 3, device=device)
        )
    )
    noise = NOISE * torch.rand(count, 1, 1, device=device) * torch.randn_like(cloud)
    paler = PALER * torch.rand(count, 1, 1, device=device)
    colors = colors + paler * (colors.mean(1, keepdim=True) - colors)
    color_noise = COLOR_NOISE * torch.rand(count, 1, 1, device=device) * torch.randn_like(colors)
    return normalize_bounds(cloud + waves + noise), colors + color_noise


def train(arguments):
    """Train the classifier."""
    prepare(arguments)
    data, test = load(arguments.data), load(arguments.test)
    classifier = PointCloudClassifier().to(arguments.device)
    if arguments.start:
        classifier.load_state_dict(torch.load(arguments.start))
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=arguments.rate, weight_decay=0.02)
    checkpoint = arguments.out.with_suffix(".checkpoint.pt")
    training = Training(checkpoint, {"classifier": classifier}, [optimizer], decay=0.998, max_norm=math.inf)
    loss_of = accelerated(partial(classification_loss, classifier), arguments)
    for is_due in training.rounds(arguments):
        training.step(loss_of(*draw(data, BATCH, arguments.device)).mean(), BATCH)
        if is_due:
            figures = accuracy(training.running_averages()["classifier"], test)
            training.report(
                "category {:.4f} color {:.4f} both {:.4f} parts {:.4f} captioned parts {:.4f}".format(*figures)
            )
    write_state(average_of(checkpoint, "classifier"), arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="output of another run")
    parser.add_argument("--rate", type=float, default=2e-3)
    add_budget(parser, 20)
    add_device(parser)
    add_acceleration(parser)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
