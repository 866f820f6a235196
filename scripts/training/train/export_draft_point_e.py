# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the draft weights of the small Point-E, running averages in float16.

Run as `python -m scripts.training.train.export_draft_point_e DRAFT`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import DRAFT_POINT_E_WEIGHTS
from blender_text3d.engine.point_e.distilled import BASE

from .export_draft_shap_e import update_of
from .exported import half, write_weights
from .loop import average_of

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=DRAFT_POINT_E_WEIGHTS)
    arguments = parser.parse_args()
    write_weights(half(update_of(average_of(arguments.checkpoint, "draft")), BASE), arguments.out)
