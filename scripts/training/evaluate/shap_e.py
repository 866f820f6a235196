# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the included small Shap-E: `python -m scripts.training.evaluate.shap_e CLASSIFIER`.

With --steps, it is the undistilled prior that is measured.

Every category is generated in four training colors and one held-out color, with five seeds each. The report has the
accuracy according to an independent classifier of meshes, the share of connected and watertight meshes, and the
difference between seeds; for prompts with a part color ("a red chair with white legs"), also the accuracy of the part.
"""

import argparse
import json
from dataclasses import asdict
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import DISTILLED_SIGMAS, Schedule, distilled_sigmas, karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m, euler
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.shap_e.pipeline import SIGMA_MAX, SIGMA_MIN, first_level
from blender_text3d.engine.surface import connected_surface, vertex_colors
from blender_text3d.protocol.models import DEFAULT_QUALITY, MODELS

from .classification import classify_mesh, is_flawless, mean_difference, summary_of
from .classifier import load_classifier
from .tasks import part_tasks, plain_tasks


@torch.inference_mode()
def sample_prompt_latents(model, prompt, seeds, steps, guidance):
    """Sample (S, D) latents of one prompt, with the same noise per seed as the pipeline."""
    condition = model.conditioner.encode_prompt(prompt).expand(len(seeds), -1, -1)
    return sample_latents(model, condition, seeds, steps, guidance)


@torch.inference_mode()
def sample_latents(model, condition, seeds, steps, guidance):
    """Sample (S, D) latents of encoded captions (S, K, T); in 2, 4 or None, for 4, by the distilled weights."""
    size = model.prior.config.d_latent
    noise = [torch.randn(1, size, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    x, schedule = torch.cat(noise), Schedule("exp")
    if steps is None or steps in DISTILLED_SIGMAS:
        network = model.distilled[steps or 4].network
        denoise = guided_denoiser(network, schedule, "x_start", condition, 1.0, clamp=False)
        states = euler(denoise, x * first_level("distilled"), distilled_sigmas(steps or 4))
    else:
        denoise = guided_denoiser(model.prior, schedule, "x_start", condition, guidance)
        states = dpm_solver_2m(denoise, x * SIGMA_MAX, karras_sigmas(steps, SIGMA_MIN, SIGMA_MAX))
    for state in states:
        x = state.x
    return x.clamp(-1.0, 1.0)


@torch.inference_mode()
def mesh_and_report(model, latent, grid):
    """Return (vertices, faces, colors, report) of a latent, as in the pipeline."""
    field = Field(model.decoder, latent)
    vertices, faces, report = connected_surface(field.signed_distance, grid=grid, levels=model.levels)
    return vertices, faces, vertex_colors(field.color, vertices), report


def evaluate_task(job):
    """Return (classifications, mean difference of the seeds) of one task; runs in a worker process."""
    arguments, task = job
    model, classifier = loaded(arguments.classifier)
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.samples)
    latents = sample_prompt_latents(model, task.prompt, seeds, arguments.steps, arguments.guidance)
    meshes = [mesh_and_report(model, latent, arguments.grid) for latent in latents]
    evaluated = [classify_mesh(classifier, task, seed, mesh) for seed, mesh in zip(seeds, meshes, strict=True)]
    return [classification for classification, _ in evaluated], mean_difference([cloud for _, cloud in evaluated])


@cache
def loaded(classifier_path):
    """Load (model, classifier) once per process, on one thread."""
    torch.set_num_threads(1)
    return MiniShapE.load(torch.device("cpu")), load_classifier(classifier_path)


def run(arguments):
    """Generate, classify and report."""
    rng = np.random.default_rng(arguments.seed)
    chosen = plain_tasks(arguments.seen_each, arguments.held_each, rng) + part_tasks(rng)
    with Pool(arguments.workers) as pool:
        results = pool.map(evaluate_task, [(arguments, task) for task in chosen[:: arguments.every]], chunksize=1)
    classifications = [classification for some, _ in results for classification in some]
    report = summary_of(classifications, [difference for _, difference in results])
    print(json.dumps(report, indent=1))
    wrong = [asdict(classification) for classification in classifications if not is_flawless(classification)]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classifier", type=Path)
    parser.add_argument("--out", type=Path, default=Path("report.json"))
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--seen-each", type=int, default=4)
    parser.add_argument("--held-each", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="evaluate only every n-th prompt")
    default = MODELS["mini/shap-e"].undistilled[DEFAULT_QUALITY]
    parser.add_argument(
        "--steps", type=int, help=f"2 or 4 of the distilled weights, or more of the prior, such as {default.steps}"
    )
    parser.add_argument("--guidance", type=float, default=default.guidance)
    parser.add_argument("--grid", type=int, default=default.grid)
    parser.add_argument("--seed", type=int, default=0, help="seed of the color selection")
    parser.add_argument("--first-seed", type=int, default=0, help="first seed of the sampling noise")
    parser.add_argument("--workers", type=int, default=2)
    run(parser.parse_args())
