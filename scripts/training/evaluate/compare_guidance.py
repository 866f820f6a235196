# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what fewer steps and reused guidance cost.

Run as `python -m scripts.training.evaluate.compare_guidance CLASSIFIER --model mini/shap-e --samplings 25:1 18:2`.

Each sampling STEPS:EVERY of the undistilled network generates the same prompts with the same seeds, EVERY being the
`guidance_every` of a recipe. The report has the classifier's judgments and the distances to the exact object of the
same seed; its last row compares exact with another seed of exact. Some prompts name a colored part.
"""

import argparse
import json
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.generate import Recipe
from blender_text3d.engine.surface import keep_main
from blender_text3d.protocol.models import MODELS

from .classification import classify_mesh, share, surface_points
from .compare_qualities import COMPARED_POINTS, distances, loaded
from .point_e_samples import return_value
from .tasks import part_tasks, plain_tasks

EXACT, OTHER_SEED = "exact", "exact, another seed"
BATCH = 8


def recipes_of(arguments, tasks, seed, steps, every, solver="dpm++2m"):
    """Return the recipe of each task."""
    sampling = steps, arguments.guidance, arguments.grid
    options = {"device": "cpu", "solver": solver, "guidance_every": every}
    return [Recipe(task.prompt, arguments.model, seed, *sampling, **options) for task in tasks]


def runs_of(arguments, tasks, seed):
    """Return the recipes by the name of their row."""
    exact = MODELS[arguments.model].qualities["exact"].steps
    runs = {EXACT: recipes_of(arguments, tasks, seed, exact, 1, "heun")}
    for steps, every in arguments.samplings:
        runs[f"{steps} steps, every {every}"] = recipes_of(arguments, tasks, seed, steps, every)
    return runs | {OTHER_SEED: recipes_of(arguments, tasks, seed + 10_000, exact, 1, "heun")}


def judged(classifier, task, recipe, result):
    """Return (classification, latent or None, cloud for distances or None) of a result."""
    vertices, faces, colors = (
        torch.from_numpy(x) for x in (result.mesh.vertices, result.mesh.faces, result.mesh.colors)
    )
    faces = faces.long()
    mesh = vertices, faces, colors, keep_main(vertices, faces)[2] if len(faces) else None
    classification, _ = classify_mesh(classifier, task, recipe.seed, mesh)
    random = torch.Generator().manual_seed(recipe.seed)
    cloud = surface_points(vertices, faces, colors, COMPARED_POINTS, random) if len(faces) else None
    return classification, result.latent, cloud


def compare(job):
    """Return, for each task of a batch, row -> (classification, distances to exact, latent's distance)."""
    arguments, tasks, seed = job
    engine, classifier = loaded(arguments.classifier)
    made = {}
    for name, recipes in runs_of(arguments, tasks, seed).items():
        results = return_value(engine.generate_batch(recipes))
        made[name] = [judged(classifier, *each) for each in zip(tasks, recipes, results, strict=True)]
    return [{name: compared(made[name][i], made[EXACT][i]) for name in made} for i in range(len(tasks))]


def compared(own, exact):
    """Return (classification, distances of the surfaces or None, relative distance of the latents or None)."""
    (classification, latent, cloud), (_, exact_latent, exact_cloud) = own, exact
    apart = None if latent is None else np.linalg.norm(latent - exact_latent) / np.linalg.norm(exact_latent)
    return classification, distances(cloud, exact_cloud), apart


def table(results):
    """Return row -> mean figures over all samples."""
    return {name: figures([result[name] for result in results]) for name in results[0]}


def figures(rows):
    """Return the mean figures of one row's samples."""
    judgments = [row[0] for row in rows]
    parts = [judgment.part_right for judgment in judgments if judgment.part_right is not None]
    apart = np.array([row[1] for row in rows if row[1] is not None])
    latents = [row[2] for row in rows if row[2] is not None]
    return {
        "kind": share(judgment.category_right for judgment in judgments),
        "main_color": share(judgment.color_right for judgment in judgments),
        "part_color": share(parts) if parts else None,
        "one_watertight_part": share(judgment.components == 1 and judgment.watertight for judgment in judgments),
        "chamfer_to_exact": round(float(apart[:, 0].mean()), 4),
        "color_error_to_exact": round(float(apart[:, 1].mean()), 4),
        "latent_to_exact": round(float(np.mean(latents)), 3) if latents else None,
    }


def run(arguments):
    """Generate, classify and compare."""
    random = np.random.default_rng(arguments.random)
    tasks = (plain_tasks(1, 1, random) + part_tasks(random))[:: arguments.every]
    batches = [tasks[start : start + BATCH] for start in range(0, len(tasks), BATCH)]
    jobs = [(arguments, batch, seed) for seed in range(arguments.samples) for batch in batches]
    with Pool(arguments.workers) as pool:
        results = [result for batch in pool.imap(compare, jobs) for result in batch]
    report = {"model": arguments.model, "guidance": arguments.guidance, "samples": len(results), **table(results)}
    print(json.dumps(report, indent=1))
    arguments.out.write_text(json.dumps(report, indent=1))


def sampling(text):
    """Return (steps, every) of STEPS:EVERY."""
    steps, every = map(int, text.split(":"))
    return steps, every


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classifier", type=Path)
    parser.add_argument("--model", default="mini/shap-e")
    parser.add_argument("--samplings", type=sampling, nargs="+", required=True, metavar="STEPS:EVERY")
    parser.add_argument("--guidance", type=float, help="guidance scale (the model's own)")
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--out", type=Path, default=Path("guidance.json"))
    parser.add_argument("--samples", type=int, default=1, help="seeds per prompt")
    parser.add_argument("--every", type=int, default=1, help="use only every n-th prompt")
    parser.add_argument("--random", type=int, default=0, help="seed of the colors")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.guidance = options.guidance or MODELS[options.model].qualities["exact"].guidance
    run(options)
