# SPDX-License-Identifier: GPL-3.0-or-later
"""Recover the template of the point order that a base of the small Point-E learned.

Run as `python -m scripts.training.data.base_template OUT`, then give OUT to `point_ordering` as --template: a base that
is trained on from its weights keeps its order only if the new shapes have it, too. At the highest noise level the base
sees noise alone and predicts the mean of the clouds of a caption. The mean over captions of all kinds has each point
near the place in the template that it was assigned to.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.point_e.mini import BASE_POINTS
from blender_text3d.prompts.vocabulary import OBJECTS

from ..train.point_e_base import SCHEDULE
from .augmentation import load_base
from .ordered_clouds import unscale_clouds

COLORS = ("red", "green", "blue", "white")


@torch.inference_mode()
def base_template(model, prompts, seed=0):
    """Return the (BASE_POINTS, 3) float32 mean of the clouds that a base predicts from noise, in model space.

    Args:
        model: a `MiniPointE` with the base and the conditioner.
        prompts: captions of known words.
        seed: of the noise.
    """
    highest = len(Schedule(SCHEDULE).alphas_cumprod) - 1
    noise, clouds = torch.Generator().manual_seed(seed), []
    for prompt in prompts:
        x = torch.randn(1, 6, BASE_POINTS, generator=noise).to(model.device)
        t = torch.tensor([highest], device=model.device)
        clouds.append(model.base(x, t, model.conditioner.encode_prompt(prompt)))
    return unscale_clouds(torch.cat(clouds))[:, :3].mean(0).T.contiguous().cpu()


def prompts_of(kinds):
    """Return a caption of each kind in each color of `COLORS`."""
    return [f"a {color} {kind}" for kind in kinds for color in COLORS]


def write_template(template, path):
    """Write a template (P, 3) as `point_ordering` reads it."""
    part = path.with_suffix(".part.npy")
    np.save(part, template.numpy())
    part.replace(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", type=Path, help="checkpoint of the base in place of the included one")
    parser.add_argument("--kinds", nargs="+", help="kinds that the base was trained on, by default all that it knows")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    loaded = load_base(arguments.base)
    kinds = arguments.kinds or loaded.conditioner.vocabulary.groups[OBJECTS]
    write_template(base_template(loaded, prompts_of(kinds)), arguments.out)
