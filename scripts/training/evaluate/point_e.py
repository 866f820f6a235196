# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the shipped small Point-E: `python -m scripts.training.evaluate.point_e JUDGE --test data/test`.

Prompts (told part colors among them), judge and figures are those of `scripts.training.evaluate.shap_e`; the meshes
the pipeline's own. Beside them: how far coarse and fine clouds are from the true surface of new shapes, whose coarse
cloud the base has made again after a blur; and the overlap (IoU) of real shapes with the signed distance model's
reading of their clouds, as they are, jittered, and made again by base and upsampler.
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
from ..train.point_e_sdf import Remade, tensors
from ..train.point_e_sdf import measure as sdf_iou
from .classifier import Judge
from .point_e_samples import GUIDANCE, STEPS, fine_clouds, made_again, returned
from .shap_e import chamfer, is_flawless, mean_difference, part_tasks, plain_tasks, summary_of, verdict_of

BLUR = 0.3
"""How much noise the base is given real coarse clouds under, to make them again."""


def judged_task(job):
    """(verdicts, mean difference of the seeds) of one task; runs in a process of its own."""
    arguments, task = job
    model, judge = loaded(arguments.judge)
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.samples)
    made = meshes_and_reports(model, task.prompt, seeds, arguments)
    judged = [verdict_of(judge, task, seed, mesh) for seed, mesh in zip(seeds, made, strict=True)]
    return [verdict for verdict, _ in judged], mean_difference([cloud for _, cloud in judged])


def meshes_and_reports(model, prompt, seeds, arguments):
    """(vertices, faces, colors, report) of one prompt and each seed, as the pipeline makes them."""
    sampling = arguments.steps, arguments.guidance, arguments.grid
    results = returned(run_point_e(model, [Recipe(prompt, "mini/point-e", seed, *sampling) for seed in seeds]))
    for mesh in (result.mesh for result in results):
        vertices, faces, colors = (torch.from_numpy(value) for value in (mesh.vertices, mesh.faces, mesh.colors))
        yield vertices, faces.long(), colors, keep_main(vertices, faces.long())[2]


@cache
def loaded(judge_path):
    """(model, judge), once a process, on one thread."""
    torch.set_num_threads(1)
    judge = Judge()
    judge.load_state_dict(torch.load(judge_path))
    return MiniPointE.load(torch.device("cpu")), judge


def refinement(model, clouds, shapes):
    """Measure the gain of the upsampler: mean Chamfer distance of coarse and fine clouds to the true surface."""
    distances = []
    for row in torch.arange(shapes):
        cloud, placed, ids = clouds.at(row[None])
        with torch.inference_mode():
            condition = model.conditioner.encoder(ids)
        coarse = made_again(model, condition, placed, BLUR, [int(row)])
        fine = fine_clouds(model, condition, coarse, [int(row)])
        truth, *found = (some[0, :3].T.numpy() for some in (cloud, coarse, fine))
        distances.append([chamfer(points, truth) for points in found])
    return dict(zip(("coarse_chamfer", "fine_chamfer"), np.mean(distances, axis=0).round(4).tolist(), strict=True))


@torch.inference_mode()
def overlaps(sdf, arguments, shapes=500):
    """IoU of the distance model over real shapes, of clouds as they are, jittered, and made again."""
    data = tensors(arguments.test, shapes)
    found = {"sdf_iou": sdf_iou(sdf, data, limit=shapes), "sdf_iou_jittered": sdf_iou(sdf, data, 0.02, shapes)}
    if arguments.test_places:
        remade = Remade(arguments.test, arguments.test_places, shapes)
        found["sdf_iou_remade"] = sdf_iou(sdf, data, limit=shapes, remade=remade)
    return {name: round(value, 4) for name, value in found.items()}


def run(arguments):
    """Generates, judges and reports."""
    rng = np.random.default_rng(arguments.seed)
    chosen = plain_tasks(arguments.seen_each, arguments.held_each, rng) + part_tasks(rng)
    with Pool(arguments.workers) as pool:
        results = pool.map(judged_task, [(arguments, task) for task in chosen[:: arguments.every]], chunksize=1)
    verdicts = [verdict for some, _ in results for verdict in some]
    report = summary_of(verdicts, [difference for _, difference in results])
    model, _ = loaded(arguments.judge)
    if arguments.test_places:
        clouds = Clouds(arguments.test, arguments.test_places, model.conditioner.vocabulary, 500)
        report |= refinement(model, clouds, arguments.shapes)
    if arguments.test:
        report |= overlaps(model.sdf, arguments)
    print(json.dumps(report, indent=1))
    wrong = [asdict(verdict) for verdict in verdicts if not is_flawless(verdict)]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judge", type=Path)
    parser.add_argument("--out", type=Path, default=Path("report_point_e.json"))
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--seen-each", type=int, default=4)
    parser.add_argument("--held-each", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="judge only every n-th prompt")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--test", type=Path, help="a data set of shapes never trained on, for the distance model's IoU")
    parser.add_argument(
        "--test-places",
        type=Path,
        help="what scripts.training.data.point_ordering wrote of it, for what the upsampler gains",
    )
    parser.add_argument("--shapes", type=int, default=100, help="how many of them to measure the upsampler on")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of colours")
    parser.add_argument("--first-seed", type=int, default=0, help="of the samples' noise")
    parser.add_argument("--workers", type=int, default=2)
    run(parser.parse_args())
