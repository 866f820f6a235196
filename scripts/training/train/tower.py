# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the small image tower: `python -m scripts.training.train.tower IMAGES TEST OUT`.

It has independent outputs for kind, size, visible parts and colors. Every image is recolored each time it is used, in
main colors of the training split of its category; held-out colors are only for evaluation.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from blender_text3d.engine.image.mini_image_tower import SmallImageTower, SmallImageTowerConfig, TowerOutput

from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS
from ..images.coloring import HELD_OUT_COLORS, TRAINING_COLORS, color_views
from ..images.image_dataset import SHARD, read_images, shards
from ..images.tower_images import augment, frame_on_white, normalize, scramble
from ..images.tower_words import HAS_ROLE, VISIBLE_SIZE_INDEX, image_vocabulary
from .accelerate import accelerated, add_arguments
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers

N_SCRAMBLED = 6
"""Number of scrambled images per batch, on which the tower learns to be uncertain."""
COLORINGS = 3
"""Colorings of each shape in the evaluation."""


PAIR_PROBABILITIES = torch.tensor(
    [
        [(color in TRAINING_COLORS[kind.name]) / len(TRAINING_COLORS[kind.name]) for color in COLORS]
        for kind in CATEGORIES
    ]
)
"""(K, C) float32 probability of each main color for each kind in training; 0 for held-out pairs."""


def initialize(tower, start):
    """Initialize residual branches with small weights, or the trunk from the checkpoint of another tower.

    The last block and the heads are reset, since they may encode which pairs are held out.
    """
    for block in tower.visual.transformer.resblocks:
        for layer in (block.attn.out_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.normal_(tower.visual.conv1.weight, std=0.05)
    if start:
        tower.load_state_dict(trunk_of(average_of(start, "tower"), tower.config.layers), strict=False)


def trunk_of(tensors, layers):
    """Return the tensors of the stem and all blocks except the last."""
    reset_layers = ("parts.", "visual.proj", "visual.ln_post", f"visual.transformer.resblocks.{layers - 1}.")
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(reset_layers)}


def pair_loss(category, color, kinds, colors):
    """Return the cross entropy of kinds plus that of main colors, each over its training pairs with the other label.

    The loss therefore does not penalize held-out pairs. Otherwise the tower, uncertain which of two colors of a table
    is the main one, would learn to exclude the colors that are held out for tables.

    Args:
        category: (B, K) logits.
        color: (B, C) logits.
        kinds: (B,) int64, true indices into `CATEGORIES`.
        colors: (B,) int64, true indices into `COLORS`.

    Source: Menon et al. 2021, "Long-tail learning via logit adjustment", section 4, with pairs instead of classes.
    """
    log_probabilities = PAIR_PROBABILITIES.log().to(category.device)
    return F.cross_entropy(category + log_probabilities.T[colors], kinds) + F.cross_entropy(
        color + log_probabilities[kinds], colors
    )


def roles_of_kinds():
    """Return (K, R) int64 indices into `PART_ROLES` of the main part and the parts of each kind, padded with 0."""
    roles = [[0, *(index for index, has in enumerate(row) if has and index)] for row in HAS_ROLE]
    longest = max(map(len, roles))
    return torch.tensor([row + [0] * (longest - len(row)) for row in roles])


ROLES_OF_KINDS = roles_of_kinds()


def loss_of(answers_of, views, device="cpu"):
    """Return the total cross entropy of a batch with N_SCRAMBLED scrambled images; images are made on the CPU.

    Args:
        answers_of: function of pixels (B, 3, H, W) and of the (B, R) roles to classify, such as the tower.
        views: a batch of `ColoredViews`. Only roles of the images' kinds are classified, of all kinds' some 200.
    """
    rgb, known, roles = augment(views.images), slice(N_SCRAMBLED, None), ROLES_OF_KINDS[views.category]
    pixels = normalize(torch.cat([scramble(rgb[:N_SCRAMBLED]), rgb[N_SCRAMBLED:]]))
    answers = answers_of(pixels.to(device), roles.to(device))
    has_role = torch.tensor(HAS_ROLE)[views.category].gather(1, roles)
    color = views.color.gather(1, roles).masked_fill(~has_role, -1)[known, 1:].to(device)
    size, has_role = torch.tensor(VISIBLE_SIZE_INDEX)[views.size].to(device), has_role[known, 1:].to(device)
    uncertainty = -answers.category[:N_SCRAMBLED].log_softmax(1).mean() * N_SCRAMBLED / len(rgb)
    kinds, colors = views.category[known].to(device), views.color[known, 0].to(device)
    pair = pair_loss(answers.category[known], answers.color[known, 0], kinds, colors)
    others = F.cross_entropy(answers.color[known, 1:].flatten(0, 1), color.flatten(), ignore_index=-1)
    visible = answers.visible[known, 1:][has_role]
    visibility = F.binary_cross_entropy_with_logits(visible, (color[has_role] >= 0).float())
    return pair + 2 * others + visibility + 0.3 * F.cross_entropy(answers.size[known], size[known]) + 0.3 * uncertainty


@torch.no_grad()
def measure(tower, shapes, colors_of):
    """Return the accuracy on test shapes as text."""
    rng = np.random.default_rng(0)
    rows = np.flatnonzero([bool(colors_of[CATEGORIES[number].name]) for number in shapes["category"]])
    views = color_views(shapes, np.tile(rows, COLORINGS), colors_of, rng)
    answers = tower(normalize(frame_on_white(views.images)).to(next(tower.parameters()).device))
    answers = TowerOutput(*(value.cpu() for value in vars(answers).values()))
    kind = answers.category.argmax(1) == views.category
    right, seen = answers.color.argmax(2) == views.color, views.color >= 0
    visibility = ((answers.visible > 0) == seen)[torch.tensor(HAS_ROLE)[views.category]]
    size = answers.size.argmax(1) == torch.tensor(VISIBLE_SIZE_INDEX)[views.size]
    shares = {
        "kind": kind,
        "color": right[:, 0],
        "both": kind & right[:, 0],
        "parts": right[:, 1:][seen[:, 1:]],
        "seen": visibility,
        "size": size,
    }
    return " ".join(f"{name} {flags.float().mean():.3f}" for name, flags in shares.items())


def with_new_shapes(shapes, folder):
    """Return the images, reloaded if the data set has grown by a fifth."""
    is_enough = len(shards(folder)) * SHARD >= 1.2 * len(shapes["category"])
    return read_images(folder) if is_enough else shapes


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    rng = np.random.default_rng(arguments.seed + 1)
    shapes, test = read_images(arguments.data), read_images(arguments.test)
    tower = SmallImageTower(SmallImageTowerConfig.of(image_vocabulary()))
    initialize(tower, arguments.start)
    chosen = optimizers([tower.to(arguments.device)], arguments.rate, arguments.muon_rate or None)
    training = Training(arguments.out, {"tower": tower}, chosen, decay=0.998, hold=arguments.hold, generators=[rng])
    outputs = accelerated(lambda pixels, roles: tuple(vars(tower(pixels, roles)).values()), arguments)

    def answers_of(pixels, roles):
        return TowerOutput(*(value.float() for value in outputs(pixels, roles)))

    for is_due in training.rounds(arguments):
        rows = rng.integers(0, len(shapes["category"]), arguments.batch)
        views = color_views(shapes, rows, TRAINING_COLORS, rng)
        training.step(loss_of(answers_of, views, arguments.device), arguments.batch)
        if is_due:
            running_averages = training.running_averages()["tower"]
            known, unseen = (measure(running_averages, test, colors) for colors in (TRAINING_COLORS, HELD_OUT_COLORS))
            training.report(f"{known}; unseen pairs: {unseen}")
            shapes = with_new_shapes(shapes, arguments.data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint of another tower, for its trunk")
    add_budget(parser, 25)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon-rate", type=float, default=2e-3, help="0: AdamW for all parameters")
    parser.add_argument("--hold", type=float, default=0.6, help="share of the run before the rate falls")
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_arguments(parser)
    train(parser.parse_args())
