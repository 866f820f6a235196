# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the weights of the small Point-E, running averages in 8 bits.

Run as `python -m scripts.training.train.export_point_e BASE UPSAMPLER SDF`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import POINT_E_WEIGHTS
from blender_text3d.engine.weights.loading.eight_bits import compressed

from .exported import write_weights
from .loop import average_of


def shipped_tensors(base, upsampler, sdf):
    """Return prefix.name -> tensor to store of the base, upsampler and signed distance model."""
    sources = {"base": base, "upsampler": upsampler, "sdf": sdf}
    tensors = {
        f"{name}.{parameter}": tensor
        for name, checkpoint in sources.items()
        for parameter, tensor in average_of(checkpoint, name).items()
    }
    return compressed(tensors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    parser.add_argument("upsampler", type=Path)
    parser.add_argument("sdf", type=Path)
    parser.add_argument("--out", type=Path, default=POINT_E_WEIGHTS)
    arguments = parser.parse_args()
    write_weights(shipped_tensors(arguments.base, arguments.upsampler, arguments.sdf), arguments.out)
