# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the weights of the small GLIDE: running averages in 8 bits, both networks in one file.

Run as `python -m scripts.training.train.export_glide CHECKPOINT` after `train.glide`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import GLIDE_WEIGHTS
from blender_text3d.engine.weights.loading.eight_bits import compressed

from .exported import write_weights
from .loop import average_of

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=GLIDE_WEIGHTS)
    arguments = parser.parse_args()
    stored = compressed(average_of(arguments.checkpoint, "text") | average_of(arguments.checkpoint, "image"))
    write_weights(stored, arguments.out)
