# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the included small Shap-E: `python -m scripts.training.evaluate.shap_e CLASSIFIER`.

With --steps, it is the undistilled prior that is measured.

Every category is generated in four training colors and one held-out color, with five seeds each. The report has the
accuracy according to an independent classifier of meshes, the share of connected and watertight meshes, and the
difference between seeds; for prompts with a part color ("a red chair with white legs"), also the accuracy of the part.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from scipy.spatial import cKDTree

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, distilled_sigmas, karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m, euler
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.shap_e.pipeline import SIGMA_MAX, SIGMA_MIN
from blender_text3d.engine.surface import connected_surface, vertex_colors
from blender_text3d.protocol.models import DEFAULT_QUALITY, MODELS

from ..data.catalogue import CATEGORIES, ROLES, is_held_out
from ..data.colors import COLORS
from .classifier import PointCloudClassifier, normalize_bounds

N_POINTS = 512


@dataclass(frozen=True)
class Classification:
    """Classification of one generated mesh; `part_right` is None if the prompt names no part."""

    prompt: str
    seed: int
    held_out: bool
    category_right: bool
    color_right: bool
    part_right: bool | None
    seen_as: str
    components: int
    watertight: bool


@dataclass(frozen=True)
class Task:
    """A prompt to evaluate: a category in a color, and optionally one part (a role and its word) in another color."""

    category: str
    color: str
    role: str = ""
    part: str = ""
    part_color: str = ""

    @property
    def prompt(self):
        """The prompt text."""
        return f"a {self.color} {self.category}" + (f" with {self.part_color} {self.part}" if self.part else "")

    @property
    def held_out(self):
        """True if the pair of category and color is held out."""
        return is_held_out(self.category, self.color)


def plain_tasks(seen_each, held_each, rng):
    """Return tasks for some training colors and some held-out colors of every category."""
    chosen = []
    for category in CATEGORIES:
        for held, count in ((False, seen_each), (True, held_each)):
            colors = [color for color in COLORS if is_held_out(category.name, color) == held]
            chosen += [Task(category.name, str(color)) for color in rng.permutation(colors)[:count]]
    return chosen


def part_tasks(rng):
    """Return one task per part of every category, in a training color and a different part color."""
    chosen = []
    for category in CATEGORIES:
        seen = [color for color in COLORS if not is_held_out(category.name, color)]
        for role, (words, _) in category.accents.items():
            color = str(rng.choice(seen))
            other = str(rng.choice([name for name in COLORS if name != color]))
            chosen.append(Task(category.name, color, role, words[0], other))
    return chosen


@torch.inference_mode()
def sample_prompt_latents(model, prompt, seeds, steps, guidance):
    """Sample (S, D) latents of one prompt, with the same noise per seed as the pipeline."""
    condition = model.conditioner.encode_prompt(prompt).expand(len(seeds), -1, -1)
    return sample_latents(model, condition, seeds, steps, guidance)


@torch.inference_mode()
def sample_latents(model, condition, seeds, steps, guidance):
    """Sample (S, D) latents of encoded captions (S, K, T); without a number of steps by the distilled weights."""
    size = model.prior.config.d_latent
    noise = [torch.randn(1, size, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    x, schedule = torch.cat(noise) * SIGMA_MAX, Schedule("exp")
    if steps:
        denoise = guided_denoiser(model.prior, schedule, "x_start", condition, guidance)
        states = dpm_solver_2m(denoise, x, karras_sigmas(steps, SIGMA_MIN, SIGMA_MAX))
    else:
        denoise = guided_denoiser(model.distilled.network, schedule, "x_start", condition, 1.0, clamp=False)
        states = euler(denoise, x, distilled_sigmas())
    for state in states:
        x = state.x
    return x.clamp(-1.0, 1.0)


@torch.inference_mode()
def mesh_and_report(model, latent, grid):
    """Return (vertices, faces, colors, report) of a latent, as in the pipeline."""
    field = Field(model.decoder, latent)
    vertices, faces, report = connected_surface(field.signed_distance, grid=grid, levels=model.levels)
    return vertices, faces, vertex_colors(field.color, vertices), report


def surface_points(vertices, faces, colors, count, random):
    """Sample (points (count, 3), colors (count, 3)) uniformly from the surface of a mesh."""
    corners = vertices[faces]
    areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
    picked = faces[torch.multinomial(areas, count, replacement=True, generator=random)]
    weights = torch.distributions.Dirichlet(torch.ones(3)).sample((count,))
    return (vertices[picked] * weights[..., None]).sum(1), (colors[picked] * weights[..., None]).sum(1)


@torch.inference_mode()
def classify_mesh(classifier, task, seed, mesh):
    """Return (Classification, centered points) of one mesh."""
    vertices, faces, colors, report = mesh
    asked = {"prompt": task.prompt, "seed": seed, "held_out": task.held_out}
    if not len(faces):
        nothing = {"category_right": False, "color_right": False, "part_right": False if task.part else None}
        return Classification(**asked, **nothing, seen_as="nothing", components=0, watertight=False), None
    points, rgb = surface_points(vertices, faces, colors, N_POINTS, torch.Generator().manual_seed(seed))
    points = normalize_bounds(points)
    category, color, parts = (logits[0].argmax(-1) for logits in classifier(points[None], rgb[None]))
    name, shade = CATEGORIES[int(category)].name, list(COLORS)[int(color)]
    part_shade = list(COLORS)[int(parts[ROLES.index(task.role)])] if task.part else None
    classification = Classification(
        **asked,
        category_right=name == task.category,
        color_right=shade == task.color,
        part_right=part_shade == task.part_color if task.part else None,
        seen_as=f"{shade} {name}" + (f" with {part_shade} {task.part}" if task.part else ""),
        components=report.components,
        watertight=report.watertight,
    )
    return classification, points.numpy()


def chamfer(a, b):
    """Return the symmetric mean distance to the nearest point of two clouds in model space."""
    return (cKDTree(a).query(b)[0].mean() + cKDTree(b).query(a)[0].mean()) / 2


def mean_difference(clouds):
    """Return the mean Chamfer distance over all pairs of clouds."""
    clouds = [cloud for cloud in clouds if cloud is not None]
    distances = [chamfer(a, b) for index, a in enumerate(clouds) for b in clouds[index + 1 :]]
    return float(np.mean(distances)) if distances else float("nan")


def share(flags):
    """Return the share of true flags."""
    return round(float(np.mean(list(flags))), 4)


def summary_of(classifications, differences):
    """Return the figures of the report."""
    plain, unseen = [v for v in classifications if v.part_right is None], [v for v in classifications if v.held_out]
    parts = [v for v in classifications if v.part_right is not None]
    return {
        "prompts": len({v.prompt for v in plain}),
        "unseen_prompts": len({v.prompt for v in unseen}),
        "samples": len(plain),
        "category": share(v.category_right for v in plain),
        "color": share(v.color_right for v in plain),
        "both": share(v.category_right and v.color_right for v in plain),
        "both_unseen": share(v.category_right and v.color_right for v in unseen),
        "one_watertight_component": share(v.components == 1 and v.watertight for v in plain),
        "watertight": share(v.watertight for v in plain),
        "seed_difference": round(float(np.nanmean(differences)), 4),
        "part_prompts": len({v.prompt for v in parts}),
        "part_color": share(v.part_right for v in parts),
        "part_category": share(v.category_right for v in parts),
        "part_main_color": share(v.color_right for v in parts),
    }


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
    classifier = PointCloudClassifier()
    classifier.load_state_dict(torch.load(classifier_path))
    return MiniShapE.load(torch.device("cpu")), classifier


def is_flawless(classification):
    """True if every check of a sample passes."""
    named = classification.category_right and classification.color_right and classification.part_right is not False
    return named and classification.components == 1 and classification.watertight


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
    parser.add_argument("--steps", type=int, help=f"steps of the undistilled prior, such as {default.steps}")
    parser.add_argument("--guidance", type=float, default=default.guidance)
    parser.add_argument("--grid", type=int, default=default.grid)
    parser.add_argument("--seed", type=int, default=0, help="seed of the color selection")
    parser.add_argument("--first-seed", type=int, default=0, help="first seed of the sampling noise")
    parser.add_argument("--workers", type=int, default=2)
    run(parser.parse_args())
