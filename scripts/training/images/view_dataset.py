# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate images of catalog shapes as the small GLIDE learns them: nearly one camera and one light.

Run as `python -m scripts.training.images.view_dataset OUT --shapes 12000`. The files are those of `image_dataset.py`,
with one view per shape.
"""

import argparse
import os
from functools import partial
from pathlib import Path

import numpy as np

from .image_dataset import make_images, make_shape, make_shard
from .splat import Shot

LIGHT = np.array([-0.55, -0.55, 0.75])
"""Towards the lamp: from the upper left and from the front."""


def narrow_shot(rng):
    """Return a three-quarter view that varies by a few degrees, under one light."""
    light = LIGHT / np.linalg.norm(LIGHT)
    return Shot(rng.uniform(24, 40), rng.uniform(16, 24), tuple(light), key=0.62, ambient=0.5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shapes", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=301)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    make_view = partial(make_shape, views=1, shot=narrow_shot)
    make_images(parser.parse_args(), partial(make_shard, make=make_view))
