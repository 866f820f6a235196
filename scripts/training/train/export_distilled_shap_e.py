# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the distilled weights of the small Shap-E: running averages, as 8-bit differences to the included prior.

Run as `python -m scripts.training.train.export_distilled_shap_e CHECKPOINT…` after `train.distilled_shap_e`.

With the checkpoints of successive phases the weights go half of the way to each: they keep most of what a classifier
taught, or of the variety that another phase did, and stay nearer to the objects of those before.

Source: Wortsman et al. 2022 (WiSE-FT), section 3, for weights between those before and after fine-tuning.
"""

import argparse
from functools import partial, reduce
from pathlib import Path

from blender_text3d.engine.mini.files import DISTILLED_SHAP_E_WEIGHTS
from blender_text3d.engine.weights.loading.updates import compressed_difference

from ..data.teacher_runs import load_prior
from .exported import write_weights
from .loop import average_of


def between(first, second, share):
    """Return the tensors at a share 0..1 of the way from those of one network to those of another."""
    return {name: first[name].lerp(tensor, share) for name, tensor in second.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=DISTILLED_SHAP_E_WEIGHTS)
    parser.add_argument("--share", type=float, default=0.5, help="share 0..1 of the way to each further checkpoint")
    arguments = parser.parse_args()
    networks = (average_of(checkpoint, "prior") for checkpoint in arguments.checkpoints)
    weights = reduce(partial(between, share=arguments.share), networks)
    stored = compressed_difference(weights, load_prior().state_dict())
    write_weights(stored, arguments.out)
