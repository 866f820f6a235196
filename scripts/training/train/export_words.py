# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the weights of the word encoder that the small models share, the running average in float16.

Run as `python -m scripts.training.train.export_words CHECKPOINT` after `train.prior`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import WORDS_WEIGHTS

from .exported import half, write_weights
from .loop import average_of

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=WORDS_WEIGHTS)
    arguments = parser.parse_args()
    write_weights(half(average_of(arguments.checkpoint, "text")), arguments.out)
