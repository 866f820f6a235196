# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the accuracy of the quick qualities.

Run as `python -m scripts.training.evaluate.compare_qualities CLASSIFIER --model mini/shap-e`.

Every quality generates the same prompts with the same seeds. The report has, per quality, the accuracy of category and
main color according to the classifier, and the difference to "exact" (Chamfer distance, color at nearest points). The
last row compares "exact" with another seed of "exact" for reference.
"""

import argparse
import json
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from scipy.spatial import cKDTree

from blender_text3d.engine.generate import EmptySurface, Engine, Recipe
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.samplings import default_solver

from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS
from .classification import share, surface_points
from .classifier import POINTS, load_classifier, normalize_bounds
from .tasks import plain_tasks

COMPARED_POINTS = 4096
"""Two samples of this size from one object have a Chamfer distance of about 0.018."""


@cache
def loaded(classifier_path):
    """Load (engine, classifier) once per process, on one thread."""
    torch.set_num_threads(1)
    return Engine(), load_classifier(classifier_path)


def recipe_of(model, quality, prompt, seed):
    """Return the recipe of the panel for a quality."""
    default = MODELS[model].qualities[quality]
    solver = (
        "heun" if quality == "exact" else default_solver(model, quality, default.steps, default.guidance) or "dpm++2m"
    )
    return Recipe(prompt, model, seed, default.steps, default.guidance, default.grid, device="cpu", solver=solver)


def cloud_of(engine, recipe):
    """Generate a recipe and sample (points (N, 3), colors (N, 3)); None if its surface is empty."""
    steps = engine.generate(recipe)
    try:
        while True:
            next(steps)
    except EmptySurface:
        return None
    except StopIteration as end:
        mesh = end.value.mesh
    arrays = (torch.from_numpy(array) for array in (mesh.vertices, mesh.faces.astype(np.int64), mesh.colors))
    return surface_points(*arrays, COMPARED_POINTS, torch.Generator().manual_seed(recipe.seed))


def distances(one, other):
    """Return (Chamfer distance, mean color difference at the nearest points) of two clouds."""
    if one is None or other is None:
        return None
    (a, a_colors), (b, b_colors) = ([array.numpy() for array in cloud] for cloud in (one, other))
    (there, place), (back, _) = cKDTree(b).query(a), cKDTree(a).query(b)
    return (there.mean() + back.mean()) / 2, np.abs(a_colors - b_colors[place]).mean()


@torch.inference_mode()
def is_correct(classifier, task, cloud):
    """Return (category is correct, main color is correct)."""
    if cloud is None:
        return False, False
    points, colors = (array[:POINTS] for array in cloud)
    category, color, _ = classifier(normalize_bounds(points)[None], colors[None])
    return CATEGORIES[int(category.argmax())].name == task.category, list(COLORS)[int(color.argmax())] == task.color


def compare_qualities(job):
    """Evaluate one task and seed: quality -> (category correct, color correct, distances to exact)."""
    arguments, task, seed = job
    engine, classifier = loaded(arguments.classifier)
    qualities = list(MODELS[arguments.model].qualities)
    clouds = {q: cloud_of(engine, recipe_of(arguments.model, q, task.prompt, seed)) for q in qualities}
    other = cloud_of(engine, recipe_of(arguments.model, "exact", task.prompt, seed + 10_000))
    rows = {q: (*is_correct(classifier, task, cloud), distances(cloud, clouds["exact"])) for q, cloud in clouds.items()}
    return rows | {"another seed": (*is_correct(classifier, task, other), distances(other, clouds["exact"]))}


def table(results):
    """Return quality -> mean figures over all samples."""
    figures = {}
    for name in results[0]:
        rows = [result[name] for result in results]
        apart = np.array([row[2] for row in rows if row[2] is not None])
        figures[name] = {
            "category": share(row[0] for row in rows),
            "color": share(row[1] for row in rows),
            "chamfer_to_exact": round(float(apart[:, 0].mean()), 4),
            "color_error_to_exact": round(float(apart[:, 1].mean()), 4),
        }
    return figures


def run(arguments):
    """Generate, classify and compare."""
    tasks = plain_tasks(4, 1, np.random.default_rng(arguments.seed))[:: arguments.every]
    jobs = [(arguments, task, seed) for task in tasks for seed in range(arguments.samples)]
    with Pool(arguments.workers) as pool:
        results = pool.map(compare_qualities, jobs, chunksize=1)
    report = {"model": arguments.model, "samples": len(jobs), **table(results)}
    print(json.dumps(report, indent=1))
    arguments.out.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classifier", type=Path)
    parser.add_argument("--model", default="mini/shap-e")
    parser.add_argument("--out", type=Path, default=Path("qualities.json"))
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--every", type=int, default=4, help="use only every n-th prompt of the evaluation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    run(parser.parse_args())
