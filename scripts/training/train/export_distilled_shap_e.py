# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the distilled weights of the small Shap-E: running averages, as 8-bit differences to the included prior.

Run as `python -m scripts.training.train.export_distilled_shap_e CHECKPOINT` after `train.distilled_shap_e`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.mini.files import DISTILLED_SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.distilled import compressed_difference

from ..data.teacher_runs import load_prior
from .exported import write_weights
from .loop import average_of

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=DISTILLED_SHAP_E_WEIGHTS)
    arguments = parser.parse_args()
    stored = compressed_difference(average_of(arguments.checkpoint, "prior"), load_prior().state_dict())
    write_weights(stored, arguments.out)
