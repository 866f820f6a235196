# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small image tower: `python -m mini.train_tower PICTURES TEST OUT`.

It learns to say what pictures show, each question by itself. Every picture is painted anew each time it is learned
from, always in main colours that its category may have in training; what is measured in the others it never saw.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from blender_text3d.engine.image.mini_tower import MiniTower, MiniTowerConfig

from .catalogue import CATEGORIES
from .optimizing import optimizers
from .painting import HELD, SEEN, painted_views
from .pictures import SHARD, read_pictures, shards
from .tower_pictures import normalised, plain, scrambled, varied
from .tower_words import ROLES_OF, TOLD_SIZE_OF, picture_words
from .training import Training, average_of

PUZZLES = 6
"""Of a batch, how many are scrambled: of them the tower learns to be in doubt."""


def initialize(tower, start):
    """Small steps at first, every block adding little; or the trunk of another tower's checkpoint."""
    for block in tower.visual.transformer.resblocks:
        for layer in (block.attn.out_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.normal_(tower.visual.conv1.weight, std=0.05)
    if start:
        own = tower.state_dict()
        known = average_of(start, "tower").items()
        tower.load_state_dict(own | {name: t for name, t in known if name in own and t.shape == own[name].shape})


def loss_of(tower, views):
    """Cross entropy of all that is asked of a batch, whose first pictures are made puzzles."""
    rgb = varied(views.pictures)
    answers = tower(normalised(torch.cat([scrambled(rgb[:PUZZLES]), rgb[PUZZLES:]])))
    known, size = slice(PUZZLES, None), torch.tensor(TOLD_SIZE_OF)[views.size]
    color, may_be = views.color[known], torch.tensor(ROLES_OF)[views.category[known]]
    doubt = -answers.category[:PUZZLES].log_softmax(1).mean() * PUZZLES / len(rgb)
    kind = F.cross_entropy(answers.category[known], views.category[known])
    main = F.cross_entropy(answers.color[known, 0], color[:, 0])
    others = F.cross_entropy(answers.color[known, 1:].flatten(0, 1), color[:, 1:].flatten(), ignore_index=-1)
    there = F.binary_cross_entropy_with_logits(answers.visible[known][may_be], (color[may_be] >= 0).float())
    return kind + main + 2 * others + there + 0.3 * F.cross_entropy(answers.size[known], size[known]) + 0.3 * doubt


@torch.no_grad()
def measure(tower, shapes, colors_of):
    """In words, how often pictures of shapes never learned from are told right."""
    rng = np.random.default_rng(0)
    rows = np.flatnonzero([bool(colors_of[CATEGORIES[number].name]) for number in shapes["category"]])
    views = painted_views(shapes, rows, colors_of, rng)
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
    tower = MiniTower(MiniTowerConfig.of(picture_words()))
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
