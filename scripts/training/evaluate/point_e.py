# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the included small Point-E: `python -m scripts.training.evaluate.point_e CLASSIFIER --test data/test`.

Prompts, classifier and figures are those of the small Shap-E; the meshes are those of the pipeline.
In addition: the Chamfer distance of coarse and fine clouds to the surface of test shapes, with coarse clouds
reconstructed by the base from noise; and the overlap (IoU) of test shapes with the prediction of the signed distance
model from clouds that are exact, jittered, or reconstructed by base and upsampler.
"""

import argparse
import json
from dataclasses import asdict
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.point_e.mini import MiniPointE
from blender_text3d.engine.point_e.pipeline import run as run_point_e
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.surface import keep_main

from ..data.ordered_clouds import Clouds
from ..train.point_e_sdf import CloudReconstructor, tensors
from ..train.point_e_sdf import measure as sdf_iou
from .classification import chamfer, classify_mesh, is_flawless, mean_difference, summary_of
from .classifier import load_classifier
from .point_e_samples import GUIDANCE, fine_clouds, reconstruct_clouds, return_value
from .tasks import part_tasks, plain_tasks

BLUR = 0.3
"""Noise level from which the base reconstructs real coarse clouds."""


def evaluate_task(job):
    """Return (classifications, mean difference of the seeds) of one task; runs in a worker process."""
    arguments, task = job
    model, classifier = loaded(arguments.classifier)
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.samples)
    made = meshes_and_reports(model, task.prompt, seeds, arguments)
    evaluated = [classify_mesh(classifier, task, seed, mesh) for seed, mesh in zip(seeds, made, strict=True)]
    return [classification for classification, _ in evaluated], mean_difference([cloud for _, cloud in evaluated])


def meshes_and_reports(model, prompt, seeds, arguments):
    """Yield (vertices, faces, colors, report) of one prompt for each seed, from the pipeline."""
    sampling = arguments.steps, arguments.guidance, arguments.grid
    solver = "distilled" if arguments.steps in model.distilled else "dpm++2m"
    recipes = [Recipe(prompt, "mini/point-e", seed, *sampling, solver=solver) for seed in seeds]
    results = return_value(run_point_e(model, recipes))
    for mesh in (result.mesh for result in results):
        vertices, faces, colors = (torch.from_numpy(value) for value in (mesh.vertices, mesh.faces, mesh.colors))
        yield vertices, faces.long(), colors, keep_main(vertices, faces.long())[2]


@cache
def loaded(classifier_path):
    """Load (model, classifier) once per process, on one thread."""
    torch.set_num_threads(1)
    return MiniPointE.load(torch.device("cpu")), load_classifier(classifier_path)


def measure_refinement(model, clouds, shapes):
    """Measure the gain of the upsampler: mean Chamfer distance of coarse and fine clouds to the true surface."""
    distances = []
    for row in torch.arange(shapes):
        cloud, placed, ids = clouds.at(row[None])
        with torch.inference_mode():
            condition = model.conditioner.encoder(ids)
        coarse = reconstruct_clouds(model, condition, placed, BLUR, [int(row)])
        fine = fine_clouds(model, condition, coarse, [int(row)])
        truth, *found = (some[0, :3].T.numpy() for some in (cloud, coarse, fine))
        distances.append([chamfer(points, truth) for points in found])
    return dict(zip(("coarse_chamfer", "fine_chamfer"), np.mean(distances, axis=0).round(4).tolist(), strict=True))


@torch.inference_mode()
def overlaps(sdf, arguments, shapes=500):
    """Return the IoU of the distance model on test shapes from exact, jittered and reconstructed clouds."""
    data = tensors(arguments.test, shapes)
    found = {"sdf_iou": sdf_iou(sdf, data, limit=shapes), "sdf_iou_jittered": sdf_iou(sdf, data, 0.02, shapes)}
    if arguments.test_places:
        reconstruct = CloudReconstructor(arguments.test, arguments.test_places, shapes)
        found["sdf_iou_remade"] = sdf_iou(sdf, data, limit=shapes, reconstruct=reconstruct)
    return {name: round(value, 4) for name, value in found.items()}


def run(arguments):
    """Generate, classify and report."""
    rng = np.random.default_rng(arguments.seed)
    chosen = plain_tasks(arguments.seen_each, arguments.held_each, rng) + part_tasks(rng)
    with Pool(arguments.workers) as pool:
        results = pool.map(evaluate_task, [(arguments, task) for task in chosen[:: arguments.every]], chunksize=1)
    classifications = [classification for some, _ in results for classification in some]
    report = summary_of(classifications, [difference for _, difference in results])
    model, _ = loaded(arguments.classifier)
    if arguments.test_places:
        clouds = Clouds(arguments.test, arguments.test_places, model.conditioner.vocabulary, 500)
        report |= measure_refinement(model, clouds, arguments.shapes)
    if arguments.test:
        report |= overlaps(model.sdf, arguments)
    print(json.dumps(report, indent=1))
    wrong = [asdict(classification) for classification in classifications if not is_flawless(classification)]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classifier", type=Path)
    parser.add_argument("--out", type=Path, default=Path("report_point_e.json"))
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--seen-each", type=int, default=4)
    parser.add_argument("--held-each", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="evaluate only every n-th prompt")
    parser.add_argument(
        "--steps", type=int, default=4, help="2 or 4 of the distilled weights, or more of the others, such as 16"
    )
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--test", type=Path, help="data set of test shapes, for the IoU of the distance model")
    parser.add_argument(
        "--test-places",
        type=Path,
        help="their point order from scripts.training.data.point_ordering, to measure the upsampler",
    )
    parser.add_argument("--shapes", type=int, default=100, help="test shapes for the upsampler")
    parser.add_argument("--seed", type=int, default=0, help="seed of the color selection")
    parser.add_argument("--first-seed", type=int, default=0, help="first seed of the sampling noise")
    parser.add_argument("--workers", type=int, default=2)
    run(parser.parse_args())
