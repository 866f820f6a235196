# SPDX-License-Identifier: GPL-3.0-or-later
"""Classification loss of the objects that latents decode to, with its gradient.

The field is asked for points on the surface of the object, which a `PointCloudClassifier` of the catalog classifies.
Where the field changes, a point of its surface moves along the normal, by the change over the slope.

Source: Remelli et al. 2020 (MeshSDF), equation 5, for the gradient of a surface point.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from blender_text3d.engine.shap_e.decoder import VectorDecoder

from ..data.captioned_latents import load_columns
from ..data.catalogue import CATEGORIES
from ..evaluate.classifier import load_classifier, normalize_bounds
from ..evaluate.latent_classifier import label_loss
from .accelerate import accelerated

CANDIDATES, COUNT, PROJECTIONS = 8192, 1024, 3
"""Points per shape: drawn in the cube, those of them nearest to the surface, and steps that bring these to it."""
MAX_STEP, REACHED = 0.1, 0.015
"""Longest step of a projection, and how near to the surface it is reached, in model space."""
PAIRS, POINTS = 40, 512
"""Pairs of shapes of a category, and points of a shape, for the difference of two."""
PART_WEIGHT = 2.0
"""Weight of the colors of parts, which few points show, beside category and main color."""
JITTER, COLOR_JITTER = 0.01, 0.03
"""Noise of the classifier's inputs, within what its training has."""


def surface_of(decoder, latents):
    """Return (points (B, N, 3), sRGB colors 0..1 (B, N, 3)) on the surfaces of latents (B, D), with gradients.

    Few points of the cube are near a thin object. Those that do not reach its surface become copies of others.

    Args:
        decoder: a frozen `VectorDecoder`.
        latents: float32.
    """
    layers, weights = decoder.field_layers, decoder.params_proj(latents)
    fixed = [weight.detach() for weight in weights]
    points = torch.rand(len(latents), CANDIDATES, 3, device=latents.device) * 2 - 1
    with torch.no_grad():
        nearest = layers(points, fixed)[..., 0].abs().topk(COUNT, largest=False).indices
    points = points.gather(1, nearest[..., None].expand(-1, -1, 3))
    for _ in range(PROJECTIONS):
        values, slopes = value_and_slope(layers, points, fixed)
        points = (points - limited(along(values, slopes))).clamp(-1, 1)
    values, slopes = value_and_slope(layers, points, fixed)
    points, slopes = reached(points, slopes, along(values, slopes).norm(dim=-1) < REACHED)
    channels = layers(points, weights).float()
    change = channels[..., 0] - channels[..., 0].detach()
    return points - along(change, slopes), channels[..., 3:6].sigmoid()


def reached(points, slopes, flags):
    """Return points (B, N, 3) and slopes, with random ones of those with a flag (B, N) in place of those without."""
    chosen = torch.multinomial(flags.float() + 1e-6, flags.shape[1], replacement=True)
    own = torch.arange(flags.shape[1], device=flags.device).expand_as(chosen)
    rows = torch.where(flags, own, chosen)[..., None].expand(-1, -1, 3)
    return points.gather(1, rows), slopes.gather(1, rows)


def value_and_slope(layers, points, weights):
    """Return a field's first channel (B, N) and its gradient (B, N, 3) at points."""
    with torch.enable_grad():
        points = points.detach().requires_grad_(True)
        values = layers(points, weights)[..., 0].float()
        (slopes,) = torch.autograd.grad(values.sum(), points)
    return values.detach(), slopes


def along(values, slopes):
    """Return the vectors (B, N, 3) against which the field changes by values (B, N)."""
    return values[..., None] * slopes / slopes.square().sum(-1, keepdim=True).clamp(min=1.0)


def limited(vectors):
    """Return vectors (…, 3), not longer than `MAX_STEP`."""
    return vectors * (MAX_STEP / vectors.norm(dim=-1, keepdim=True).clamp(min=MAX_STEP))


def classified(decoder, classifier, latents):
    """Return a frozen `PointCloudClassifier`'s logits of the objects of latents (B, D), with gradients."""
    return [logits.float() for logits in classifier(*jittered_cloud(decoder, latents))]


def jittered_cloud(decoder, latents):
    """Return (points (B, N, 3), colors (B, N, 3)) of the objects of latents (B, D), as a classifier takes them."""
    points, colors = surface_of(decoder, latents)
    points = normalize_bounds(points + JITTER * torch.randn_like(points))
    return points, colors + COLOR_JITTER * torch.randn_like(colors)


@dataclass(frozen=True)
class Variety:
    """Difference of the objects of a caption, to be that of the shapes of its category.

    Attributes:
        points: (N, 3) points in the cube.
        usual: (K,) mean difference of the fields of two shapes of each category.
    """

    points: Tensor
    usual: Tensor

    @classmethod
    def read(cls, path, decoder):
        """Measure the usual differences from the latents of a data set, `PAIRS` of each category."""
        columns, device = load_columns(path), next(decoder.parameters()).device
        points = torch.rand(POINTS, 3, generator=torch.Generator().manual_seed(0)).to(device) * 2 - 1
        usual = []
        for category in range(len(CATEGORIES)):
            latents = columns["latents"][columns["category"] == category][: 2 * PAIRS].to(device).float()
            latents = latents[: len(latents) // 2 * 2]
            usual.append(
                difference(decoder, points, *latents.chunk(2)).mean() if len(latents) else points.new_zeros(())
            )
        return cls(points, torch.stack(usual))

    def ratios(self, decoder, first, second, category):
        """Return the differences (B,) of latents (B, D), relative to the usual ones of categories (B,)."""
        return difference(decoder, self.points, first, second) / self.usual[category].clamp(min=1e-3)

    def loss(self, decoder, first, second, category):
        """Return by how much the objects are too much alike, the mean of B captions; those without a category are 0."""
        return (F.relu(1 - self.ratios(decoder, first, second, category)) * (category >= 0)).mean()


def difference(decoder, points, first, second):
    """Return the mean difference (B,) of the fields of two batches of latents (B, D) at points (N, 3)."""
    points = points.expand(len(first), -1, -1)
    return (decoder(first, points)[..., 0].tanh() - decoder(second, points)[..., 0].tanh()).abs().mean(1)


@torch.no_grad()
def are_right(decoder, classifiers, latents, labels):
    """Return flags (B,): all classifiers find all that the labels (B,), (B,) and (B, R) tell of latents (B, D)."""
    right = torch.ones(len(latents), dtype=torch.bool, device=latents.device)
    cloud = jittered_cloud(decoder, latents)
    for classifier in classifiers:
        for logits, truth in zip(classifier(*cloud), labels, strict=True):
            agrees = (logits.argmax(-1) == truth) | (truth < 0)
            right &= agrees.reshape(len(latents), -1).all(1)
    return right


@dataclass(frozen=True)
class ObjectLoss:
    """Loss of objects beside that of the latents: what they are classified as, and how much two of a caption differ.

    Each step asks one of the classifiers, since what deceives one seldom deceives another one.
    """

    decoder: VectorDecoder
    classifiers: tuple[Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]], ...]
    variety: Variety | None
    weight: float
    variety_weight: float

    @classmethod
    def read(cls, decoder, arguments):
        """Load what the command line names; None without a classifier."""
        if not arguments.classifier:
            return None
        classifiers = tuple(
            accelerated(load_classifier(path, arguments.device), arguments) for path in arguments.classifier
        )
        with torch.no_grad():
            variety = Variety.read(arguments.variety, decoder) if arguments.variety else None
        return cls(decoder, classifiers, variety, arguments.classifier_weight, arguments.variety_weight)

    def of(self, latents, labels):
        """Return the loss of latents (2 B, D), two for each caption, whose labels are (B,), (B,) and (B, R)."""
        classifier = self.classifiers[int(torch.randint(len(self.classifiers), ()))]
        logits = classified(self.decoder, classifier, latents)
        loss = self.weight * label_loss(logits, *(torch.cat([label, label]) for label in labels), PART_WEIGHT).mean()
        if self.variety:
            loss = loss + self.variety_weight * self.variety.loss(self.decoder, *latents.chunk(2), labels[0])
        return loss

    @torch.no_grad()
    def report(self, sample, runs):
        """Return the figures of recorded runs as a text: shares of right labels, and the mean ratio of differences.

        The first classifier counts.

        Args:
            sample: noise (B, D) and conditions (B, C, T) -> latents.
            runs: `Runs`.
        """
        device, right, ratios = next(self.decoder.parameters()).device, ([], [], []), []
        for rows in torch.arange(len(runs.states)).split(20):
            noise, conditions = runs.states[rows, 0].to(device).float(), runs.conditions[rows].to(device).float()
            latents = sample(noise, conditions)
            labels = [column[rows].to(device) for column in runs.labels]
            for found, logits, truth in zip(
                right, classified(self.decoder, self.classifiers[0], latents), labels, strict=True
            ):
                found.append((logits.argmax(-1) == truth)[truth >= 0])
            if self.variety:
                ratio = self.variety.ratios(self.decoder, latents, sample(noise.flip(1), conditions), labels[0])
                ratios.append(ratio[labels[0] >= 0])
        shares = [torch.cat(found).float().mean().item() for found in right]
        text = ", category {:.4f}, color {:.4f}, parts {:.4f}".format(*shares)
        return text + (f", variety {torch.cat(ratios).mean().item():.4f}" if ratios else "")


def add_arguments(parser):
    """Add the options of `ObjectLoss.read` to a parser."""
    parser.add_argument("--classifier", type=Path, nargs="+", help="of `evaluate.classifier`, for --unrolled")
    parser.add_argument("--classifier-weight", type=float, default=0.1)
    parser.add_argument("--variety", type=Path, metavar="LATENTS", help="output of `data.latents`, for --classifier")
    parser.add_argument("--variety-weight", type=float, default=0.03)
