# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the draft weights of the small Shap-E, running averages in float16.

Run as `python -m scripts.training.train.export_draft_shap_e DRAFT`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import DRAFT_SHAP_E_WEIGHTS

from .exported import half, write_weights
from .loop import average_of

UPDATE = "update."


def update_of(average):
    """Return the tensors of the update in a `DraftNetwork`'s state, by the names that `updated` takes."""
    chosen = {name.removeprefix(UPDATE): tensor for name, tensor in average.items() if name.startswith(UPDATE)}
    return {name.replace("-", "."): tensor for name, tensor in chosen.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=DRAFT_SHAP_E_WEIGHTS)
    arguments = parser.parse_args()
    write_weights(half(update_of(average_of(arguments.checkpoint, "draft"))), arguments.out)
