# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the small image tower, running average in float16, and its vocabulary.

Run as `python -m scripts.training.train.export_tower TOWER`.
"""

import argparse
from pathlib import Path

from safetensors.torch import save_file

from blender_text3d.engine.mini.files import IMAGE_TOWER_WEIGHTS

from ..images.tower_words import image_vocabulary
from .loop import average_of


def export(state, path):
    """Write the tensors of a trained tower in float16."""
    tensors = {name: tensor.half().contiguous() for name, tensor in state.items()}
    save_file(tensors, path, metadata=image_vocabulary().metadata())
    path.chmod(0o644)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tower", type=Path, help="checkpoint of train.tower")
    parser.add_argument("--out", type=Path, default=IMAGE_TOWER_WEIGHTS)
    arguments = parser.parse_args()
    export(average_of(arguments.tower, "tower"), arguments.out)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 2**20:.2f} MiB")
