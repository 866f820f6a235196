# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small image tower: `python -m mini.train_tower PICTURES TEST OUT --shap-e PRIOR --point-e BASE`.

A picture's target is what each family's word encoder makes of its caption; every picture is painted anew each time it
is learned from. See `targets.py` for how the vectors are told apart.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.image.mini_tower import FAMILIES, MiniTower, MiniTowerConfig
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import mini_word_encoder
from blender_text3d.engine.text.word_encoder import WordEncoder
from blender_text3d.engine.text.words import Vocabulary

from .captions import caption
from .catalogue import CATEGORIES
from .optimizing import optimizers
from .painting import HELD, SEEN, painted, painted_views
from .pictures import SHARD, read_pictures, shards
from .targets import Targets
from .tower_pictures import normalised, plain, varied
from .train_prior import caption_ids
from .training import Training, average_of


class CaptionVectors:
    """Captions to the vectors that all families' word encoders make of them."""

    def __init__(self, checkpoints):
        self.vocabulary = Vocabulary.read(VOCABULARY)
        self.encoders = [self._encoder(path) for path in checkpoints]

    def _encoder(self, checkpoint):
        encoder = WordEncoder(mini_word_encoder(len(self.vocabulary.ids)))
        encoder.load_state_dict(average_of(checkpoint, "text"))
        return encoder.eval()

    @torch.no_grad()
    def __call__(self, captions):
        """[S] -> [S, F E]."""
        ids = caption_ids(self.vocabulary, np.asarray(captions), self.encoders[0].config.n_ctx)
        return torch.cat([torch.cat([encoder(part) for encoder in self.encoders], 1) for part in ids.split(500)])


def initialize(tower):
    """Small steps at first: every block adds little."""
    for block in tower.visual.transformer.resblocks:
        for layer in (block.attn.out_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.normal_(tower.visual.conv1.weight, std=0.05)


def captions_of(shapes, count, rng):
    """[count] captions of random shapes in random colours."""
    rows = rng.integers(0, len(shapes["category"]), count)
    return [caption(painted(shapes, row, SEEN, rng)[1], rng) for row in rows]


@torch.no_grad()
def measure(tower, targets, vectors_of, shapes, colors_of):
    """In words, for pictures never learned from: how much of their captions' variety is missed, whose is nearest."""
    rng = np.random.default_rng(0)
    rows = np.flatnonzero([bool(colors_of[CATEGORIES[number].name]) for number in shapes["category"]])
    pictures, captions, color = painted_views(shapes, rows, colors_of, rng)
    raw = torch.cat([tower.raw(normalised(plain(part))) for part in pictures.split(100)])
    found = targets.coordinates(vectors_of(captions))
    missed = (raw - found).square().mean() / found.square().mean()
    nearest = torch.cdist(raw, found).argmin(1).numpy()
    right = [(column[nearest] == column).mean() for column in (shapes["category"][rows], color)]
    return f"missed {missed:.4f} nearest: kind {right[0]:.3f} colour {right[1]:.3f}"


def with_new_shapes(shapes, folder):
    """The pictures, read again where half as many more have been made meanwhile."""
    is_enough = len(shards(folder)) * SHARD >= 1.5 * len(shapes["category"])
    return read_pictures(folder) if is_enough else shapes


def train(arguments):
    """The whole run."""
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    rng, vectors_of = np.random.default_rng(1), CaptionVectors((arguments.shap_e, arguments.point_e))
    shapes, test = read_pictures(arguments.data), read_pictures(arguments.test)
    axes = arguments.out.with_suffix(".targets.pt")
    if not axes.exists():
        Targets.of(vectors_of(captions_of(shapes, arguments.captions, rng))).save(axes)
    targets = Targets.load(axes)
    tower = MiniTower(MiniTowerConfig())
    initialize(tower)
    chosen = optimizers([tower], arguments.rate, arguments.muon_rate or None)
    training = Training(arguments.out, {"tower": tower}, chosen, decay=0.998)
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = rng.integers(0, len(shapes["category"]), arguments.batch)
        pictures, captions, _ = painted_views(shapes, rows, SEEN, rng)
        wanted = targets.coordinates(vectors_of(captions))
        training.step((tower.raw(normalised(varied(pictures))) - wanted).square().mean(), arguments.batch)
        if is_due:
            averaged = training.averaged()["tower"]
            known, unseen = (measure(averaged, targets, vectors_of, test, colors) for colors in (SEEN, HELD))
            training.report(f"{known}; unseen pairs: {unseen}")
            shapes = with_new_shapes(shapes, arguments.data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    for family, maker in zip(FAMILIES, ("train_prior", "train_point_e_base"), strict=True):
        name = "--" + family.replace("_", "-")
        parser.add_argument(name, type=Path, required=True, help=f"checkpoint of {maker}, for its word encoder")
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon-rate", type=float, default=2e-3, help="0: AdamW for all")
    parser.add_argument("--captions", type=int, default=6000, help="of which the targets' axes are found")
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    train(parser.parse_args())
