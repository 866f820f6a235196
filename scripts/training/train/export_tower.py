# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the small image tower, running average in float16, and its vocabulary.

Run as `python -m scripts.training.train.export_tower TOWER`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import IMAGE_TOWER_WEIGHTS

from ..images.tower_words import image_vocabulary
from .exported import half, write_weights
from .loop import average_of


def export(state, path):
    """Write the tensors of a trained tower in float16."""
    write_weights(half(state), path, image_vocabulary().metadata())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tower", type=Path, help="checkpoint of train.tower")
    parser.add_argument("--out", type=Path, default=IMAGE_TOWER_WEIGHTS)
    arguments = parser.parse_args()
    export(average_of(arguments.tower, "tower"), arguments.out)
