# SPDX-License-Identifier: GPL-3.0-or-later
"""Record runs of a small model's network, from which `train.distilled_shap_e` or `train.distilled_point_e` learns.

Run as `python -m scripts.training.data.teacher_runs OUT --runs 6000 --seed 1`; more processes may use other seeds.
With `--model point-e` they are runs of the small Point-E's base, which makes coarse clouds.

A run is the guided solver's whole path from noise to latent or cloud, for a caption of the catalog's grammar, in pairs
of category and color that the network was trained on. Its levels contain those of the student.
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas, unit_variance_scale
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m
from blender_text3d.engine.mini.files import POINT_E_WEIGHTS, SHAP_E_WEIGHTS
from blender_text3d.engine.point_e.grouped_transformer import CHANNELS, GroupedBase
from blender_text3d.engine.point_e.mini import BASE_POINTS, BASE_SCHEDULE, BASE_SIGMA_MAX, BASE_SIGMA_MIN, MINI_BASE
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.shap_e.pipeline import SIGMA_MAX
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed

from ..train.accelerate import accelerated
from ..train.accelerate import add_arguments as add_acceleration
from ..train.loop import add_device
from .captions import caption, describe
from .catalogue import CATEGORIES, ROLES, pairs
from .colors import COLORS, color_class

SHARD = 120
BY_NAME = {category.name: category for category in CATEGORIES}
PLAIN, EMPTY = 0.2, 0.01
"""Shares of captions that name only color and category, and of empty ones."""


class Teacher(NamedTuple):
    """The sampling of a network whose runs are recorded.

    Attributes:
        schedule: name of its noise schedule.
        steps, sigma_min, sigma_max: number of steps and range of their noise levels.
        guidance: guidance scale.
        shape: of a sample.
    """

    schedule: str
    steps: int
    sigma_min: float
    sigma_max: float
    guidance: float
    shape: tuple[int, ...]

    def sigmas(self):
        """Return the (steps + 1,) float32 noise levels of a run, with a final 0."""
        return karras_sigmas(self.steps, self.sigma_min, self.sigma_max)


SHAP_E = Teacher("exp", 19, 0.02, SIGMA_MAX, 2.5, (MINI_PRIOR.d_latent,))
"""The prior was not trained below a noise level of 0.02."""
POINT_E = Teacher(BASE_SCHEDULE, 20, BASE_SIGMA_MIN, BASE_SIGMA_MAX, 1.5, (CHANNELS, BASE_POINTS))
TEACHERS = {"shap-e": SHAP_E, "point-e": POINT_E}


def load_prior(device="cpu"):
    """Load the included prior of Shap-E, a teacher."""
    return load_prefixed(SplitVectorDiffusion(MINI_PRIOR), load_float32(SHAP_E_WEIGHTS), "prior.", torch.device(device))


def load_base(device="cpu"):
    """Load the included base of Point-E, a teacher."""
    return load_prefixed(GroupedBase(MINI_BASE), load_float32(POINT_E_WEIGHTS), "base.", torch.device(device))


LOADERS = {"shap-e": load_prior, "point-e": load_base}


class Labels(NamedTuple):
    """Labels of a caption: indices into `CATEGORIES` and `COLORS`, and a color index per role; -1 where it has none."""

    category: int
    color: int
    part_colors: list[int]


def labels_of(name="", color="", accents=None):
    """Return the labels of a category, a color word and role -> color word."""
    index = [category.name for category in CATEGORIES].index(name) if name else -1
    parts = [accents[role] if accents and role in accents else "" for role in ROLES]
    main, *others = (list(COLORS).index(color_class(word)) if word else -1 for word in (color, *parts))
    return Labels(index, main, others)


def random_caption(rng):
    """Return (a caption as `dataset` has them, without building the shape, its `Labels`)."""
    names = pairs(False)
    name, color = names[rng.integers(len(names))]
    draw = rng.random()
    if draw < EMPTY:
        return "", labels_of()
    if draw < EMPTY + PLAIN:
        return f"a {color} {name}", labels_of(name, color)
    description = describe(BY_NAME[name], color, rng)
    accents = {role: word for role, (_, word) in description.accents.items()}
    return caption(description, rng), labels_of(name, description.main, accents)


def captions_of(count, rng):
    """Return the conditions (S, C, T) float16 of random captions and their labels, (S,), (S,) and (S, R) int64."""
    conditioner = caption_conditioner(torch.device("cpu"))
    captions, labels = zip(*(random_caption(rng) for _ in range(count)), strict=True)
    conditions = torch.cat([conditioner.encode_prompt(text).half() for text in captions])
    return conditions, [torch.tensor(column) for column in zip(*labels, strict=True)]


@torch.inference_mode()
def runs_of(network, teacher, captions, generator, device="cpu"):
    """Return the states (S, steps + 1, …) float16 of runs, scaled to unit variance, the last one clean.

    Args:
        network: (x, timesteps, condition) -> clean samples.
        teacher: its `Teacher`.
        captions: the S captions.
        generator: of the noise.
        device: of the network.
    """
    conditioner = caption_conditioner(torch.device(device))
    condition = torch.cat([conditioner.encode_prompt(text) for text in captions])
    denoise = guided_denoiser(network, Schedule(teacher.schedule), "x_start", condition, teacher.guidance)
    sigmas = teacher.sigmas()
    x = torch.randn(len(captions), *teacher.shape, generator=generator).to(device) * teacher.sigma_max
    states = [x, *(state.x for state in dpm_solver_2m(denoise, x, sigmas))]
    states[-1] = states[-1].clamp(-1.0, 1.0)
    scaled = [s * unit_variance_scale(v) for s, v in zip(states, sigmas.tolist(), strict=True)]
    return torch.stack(scaled, 1).half().cpu()


def make_shard(network, teacher, path, rng, count, arguments):
    """Write the captions, their labels and the states of some runs.

    Args:
        network, teacher: as for `runs_of`.
        path: the shard's file.
        rng: source of captions and noise.
        count: number of runs.
        arguments: `batch`, the runs at once, and `device`.
    """
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    captions, labels = zip(*(random_caption(rng) for _ in range(count)), strict=True)
    columns = {key: np.array([getattr(one, key) for one in labels], np.int16) for key in Labels._fields}
    groups = (captions[start : start + arguments.batch] for start in range(0, count, arguments.batch))
    states = torch.cat([runs_of(network, teacher, group, generator, arguments.device) for group in groups])
    save_shard(path, captions, states, columns)


def save_shard(path, captions, states, columns):
    """Write the captions, states and labels of runs atomically, as `train.distilled_shap_e.Runs` reads them."""
    part = path.with_suffix(".part.npz")
    np.savez(part, captions=np.array(captions), states=states.numpy(), **columns)
    os.replace(part, path)


def missing_shards(arguments, runs):
    """Yield (path, source of randomness, indices of the first run and after the last one) of shards to be written."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    for index, start in enumerate(range(0, runs, SHARD)):
        path = arguments.out / f"{arguments.seed:03d}-{index:04d}.npz"
        if not path.exists():
            yield path, np.random.default_rng([arguments.seed, index]), start, min(start + SHARD, runs)
            print(path.name, flush=True)


def make(arguments):
    """Write shards until there are so many runs; existing ones are kept."""
    network = accelerated(LOADERS[arguments.model](arguments.device), arguments)
    for path, rng, start, end in missing_shards(arguments, arguments.runs):
        make_shard(network, TEACHERS[arguments.model], path, rng, end - start, arguments)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", choices=tuple(TEACHERS), default="shap-e")
    parser.add_argument("--runs", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    add_device(parser)
    add_acceleration(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    make(arguments)
