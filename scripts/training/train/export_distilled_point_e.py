# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the distilled weights of the small Point-E: running averages, as 8-bit differences to the included networks.

Run as `python -m scripts.training.train.export_distilled_point_e BASE UPSAMPLER` after `train.distilled_point_e` and
`train.distilled_upsampler`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import DISTILLED_POINT_E_WEIGHTS
from blender_text3d.engine.point_e.distilled import BASE, UPSAMPLER, prefixed
from blender_text3d.engine.weights.loading.updates import compressed_difference

from ..data.teacher_runs import load_base
from .distilled_upsampler import load_upsampler
from .exported import write_weights
from .loop import average_of

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    parser.add_argument("upsampler", type=Path)
    parser.add_argument("--out", type=Path, default=DISTILLED_POINT_E_WEIGHTS)
    arguments = parser.parse_args()
    stored = {}
    for network, checkpoint, prefix in (
        (load_base(), arguments.base, BASE),
        (load_upsampler(), arguments.upsampler, UPSAMPLER),
    ):
        weights = {prefix + name: tensor for name, tensor in average_of(checkpoint, prefix.rstrip(".")).items()}
        stored |= compressed_difference(weights, prefixed(network, prefix))
    write_weights(stored, arguments.out)
