# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small image tower: `python -m scripts.training.train.tower PICTURES TEST OUT`.

It learns to say what pictures show, each question by itself. Every picture is painted anew each time it is learned
from, always in main colors that its category may have in training; what is measured in the others it never saw.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from blender_text3d.engine.image.mini_image_tower import SmallImageTower, SmallImageTowerConfig

from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS
from ..images.coloring import HELD, SEEN, painted_views
from ..images.image_dataset import SHARD, read_pictures, shards
from ..images.tower_images import normalised, plain, scrambled, varied
from ..images.tower_words import ROLES_OF, TOLD_SIZE_OF, picture_words
from .loop import Training, average_of
from .optimizers import optimizers

PUZZLES = 6
"""Of a batch, how many are scrambled: of them the tower learns to be in doubt."""
PAINTED = 3
"""How often each shape is painted, and seen, where the tower is measured."""


CHANCES = torch.tensor([[(color in SEEN[kind.name]) / len(SEEN[kind.name]) for color in COLORS] for kind in CATEGORIES])
"""(K, C): how likely training paints a thing of a kind in a main color; 0 for pairs that it never shows."""


def initialize(tower, start):
    """Small steps at first, every block adding little; or the trunk of another tower's checkpoint.

    Its last block and its answers are learned anew: they may know which pairs training never shows.
    """
    for block in tower.visual.transformer.resblocks:
        for layer in (block.attn.out_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.normal_(tower.visual.conv1.weight, std=0.05)
    if start:
        tower.load_state_dict(trunk_of(average_of(start, "tower"), tower.config.layers), strict=False)


def trunk_of(tensors, layers):
    """Those of all blocks but the last, and of what comes before them."""
    anew = ("parts.", "visual.proj", "visual.ln_post", f"visual.transformer.resblocks.{layers - 1}.")
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(anew)}


def pair_loss(category, color, kinds, colors):
    """Cross entropy of kinds plus that of main colors, each asked only among those that training shows with the other.

    So no pair counts as unlikely for never having been shown. Else the tower, in doubt which of a table's two colors
    is the main one, would learn that it is none of those that training paints no table in.

    Args:
        category: (B, K) logits.
        color: (B, C) logits.
        kinds: (B,), the true numbers in `CATEGORIES`.
        colors: (B,), the true numbers in `COLORS`.

    Source: Menon et al. 2021, "Long-tail learning via logit adjustment", section 4, with pairs instead of classes.
    """
    chances = CHANCES.log()
    return F.cross_entropy(category + chances.T[colors], kinds) + F.cross_entropy(color + chances[kinds], colors)


def loss_of(tower, views):
    """Cross entropy of all that is asked of a batch, whose first pictures are made puzzles."""
    rgb = varied(views.pictures)
    answers = tower(normalised(torch.cat([scrambled(rgb[:PUZZLES]), rgb[PUZZLES:]])))
    known, size = slice(PUZZLES, None), torch.tensor(TOLD_SIZE_OF)[views.size]
    color, may_be = views.color[known], torch.tensor(ROLES_OF)[views.category[known]]
    doubt = -answers.category[:PUZZLES].log_softmax(1).mean() * PUZZLES / len(rgb)
    pair = pair_loss(answers.category[known], answers.color[known, 0], views.category[known], color[:, 0])
    others = F.cross_entropy(answers.color[known, 1:].flatten(0, 1), color[:, 1:].flatten(), ignore_index=-1)
    there = F.binary_cross_entropy_with_logits(answers.visible[known][may_be], (color[may_be] >= 0).float())
    return pair + 2 * others + there + 0.3 * F.cross_entropy(answers.size[known], size[known]) + 0.3 * doubt


@torch.no_grad()
def measure(tower, shapes, colors_of):
    """In words, how often pictures of shapes never learned from are told right."""
    rng = np.random.default_rng(0)
    rows = np.flatnonzero([bool(colors_of[CATEGORIES[number].name]) for number in shapes["category"]])
    views = painted_views(shapes, np.tile(rows, PAINTED), colors_of, rng)
    answers = tower(normalised(plain(views.pictures)))
    kind = answers.category.argmax(1) == views.category
    right, seen = answers.color.argmax(2) == views.color, views.color >= 0
    there = ((answers.visible > 0) == seen)[torch.tensor(ROLES_OF)[views.category]]
    size = answers.size.argmax(1) == torch.tensor(TOLD_SIZE_OF)[views.size]
    shares = {
        "kind": kind,
        "colour": right[:, 0],
        "both": kind & right[:, 0],
        "parts": right[:, 1:][seen[:, 1:]],
        "seen": there,
        "size": size,
    }
    return " ".join(f"{name} {flags.float().mean():.3f}" for name, flags in shares.items())


def with_new_shapes(shapes, folder):
    """The pictures, read again where a fifth more have been made meanwhile."""
    is_enough = len(shards(folder)) * SHARD >= 1.2 * len(shapes["category"])
    return read_pictures(folder) if is_enough else shapes


def train(arguments):
    """The whole run."""
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    rng = np.random.default_rng(1)
    shapes, test = read_pictures(arguments.data), read_pictures(arguments.test)
    tower = SmallImageTower(SmallImageTowerConfig.of(picture_words()))
    initialize(tower, arguments.start)
    chosen = optimizers([tower], arguments.rate, arguments.muon_rate or None)
    training = Training(arguments.out, {"tower": tower}, chosen, decay=0.998, hold=0.6)
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = rng.integers(0, len(shapes["category"]), arguments.batch)
        training.step(loss_of(tower, painted_views(shapes, rows, SEEN, rng)), arguments.batch)
        if is_due:
            averaged = training.averaged()["tower"]
            known, unseen = (measure(averaged, test, colors) for colors in (SEEN, HELD))
            training.report(f"{known}; unseen pairs: {unseen}")
            shapes = with_new_shapes(shapes, arguments.data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint of another tower, for its trunk")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon-rate", type=float, default=2e-3, help="0: AdamW for all")
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    train(parser.parse_args())
