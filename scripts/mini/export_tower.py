# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the small image tower, running average in float16: `python -m mini.export_tower TOWER`."""

import argparse
from pathlib import Path

from safetensors.torch import save_file

from blender_text3d.engine.mini.files import IMAGE_TOWER_WEIGHTS

from .targets import Targets
from .training import average_of


def shipped_tensors(state, targets):
    """Name -> float16 tensor; the trained tower gave coordinates, the shipped one gives the vectors themselves."""
    given = {
        "visual.proj": state["visual.proj"] @ targets.axes,
        "offset": state["offset"] @ targets.axes + targets.middle,
    }
    return {name: tensor.half().contiguous() for name, tensor in (state | given).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tower", type=Path, help="checkpoint of train_tower")
    parser.add_argument("--out", type=Path, default=IMAGE_TOWER_WEIGHTS)
    arguments = parser.parse_args()
    targets = Targets.load(arguments.tower.with_suffix(".targets.pt"))
    save_file(shipped_tensors(average_of(arguments.tower, "tower"), targets), arguments.out)
    arguments.out.chmod(0o644)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 2**20:.2f} MiB")
