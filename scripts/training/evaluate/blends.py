# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure variations and blends of the small Shap-E: `python -m scripts.training.evaluate.blends CLASSIFIER`.

`vary` blends the starting noise of one seed with that of another, for one prompt each. `blend` goes from one object to
another in several ways: in latent space, or in noise space with the prompts' embeddings blended too. `point-e` does the
latter with the small Point-E as a user does, and counts what the check of blends says. An independent classifier names
the kind of each object; distance from the first object is 1 - IoU of the solids.
"""

import argparse
import json
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.surface.clean import main_parts
from blender_text3d.protocol.models import MODELS

from ..data.catalogue import CATEGORIES
from ..images.contact_sheet import contact_sheet
from ..images.render import render
from .between import WAYS, Pair, distance, solid
from .classification import share, surface_points
from .classifier import POINTS, normalize_bounds
from .shap_e import loaded, mesh_and_report
from .tasks import plain_tasks

STRENGTHS = (0.15, 0.3, 0.45, 0.6)
PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)


@torch.inference_mode()
def judged(model, classifier, latent, grid):
    """Return (kind, number of parts, True if watertight, mesh) of a latent's object."""
    vertices, faces, colors, report = mesh = mesh_and_report(model, latent, grid)
    if not len(faces):
        return "nothing", 0, False, mesh
    points, rgb = surface_points(vertices, faces, colors, POINTS, torch.Generator().manual_seed(0))
    category, _, _ = classifier(normalize_bounds(points)[None], rgb[None])
    return CATEGORIES[int(category.argmax())].name, report.components, report.watertight, mesh


def row_of(job):
    """Measure what is between two objects by one way; runs in a worker process."""
    arguments, first, second, way, places = job
    model, classifier = loaded(arguments.classifier)
    torch.manual_seed(0)
    pair = Pair(model, first, second)
    latents = [pair.between(way, t) for t in places]
    start, end = (solid(model, latent[0]) for latent in pair.ends)
    solids = [solid(model, latent) for latent in latents]
    return {
        "first": first,
        "second": second,
        "way": way,
        "kinds": [judged(model, classifier, latent[0], arguments.grid)[0] for latent in pair.ends],
        "seen": [judged(model, classifier, latent, arguments.grid)[:3] for latent in latents],
        "from_first": [distance(start, each) for each in solids] + [distance(start, end)],
        "from_second": [distance(end, each) for each in solids],
    }


def point_e_row(job):
    """Make what is between two objects by the small Point-E, with the check's verdicts; runs in a worker process."""
    arguments, first, second, _, places = job
    _, classifier = loaded(arguments.classifier)
    torch.manual_seed(0)
    made = [engine_result(first, second, t, arguments.grid) for t in (0.0, *places, 1.0)]
    judgments = [judged_mesh(classifier, result.mesh) for result in made]
    kinds = [judgments[0][0], judgments[-1][0]]
    flaws = [result.flaw for result in made[1:-1]]
    return {"first": first, "second": second, "kinds": kinds, "seen": judgments[1:-1], "flaws": flaws}


def engine_result(first, second, t, grid):
    """Return the engine's result for a share t of the second object, not yet refused if it is broken."""
    sampling = MODELS["mini/point-e"].undistilled["standard"]
    shares = {"variation_strength": t, "blend_strength": t, "variation_seed": second[1], "blend_prompt": second[0]}
    recipe = Recipe(first[0], "mini/point-e", first[1], sampling.steps, sampling.guidance, grid, device="cpu", **shares)
    steps = engine().generate_batch([recipe])
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value[0]


@cache
def engine():
    """Return the engine of this process."""
    return Engine()


@torch.inference_mode()
def judged_mesh(classifier, mesh):
    """Return (kind, number of parts, True if watertight) of a mesh."""
    arrays = torch.from_numpy(mesh.vertices), torch.from_numpy(mesh.faces).long(), torch.from_numpy(mesh.colors)
    report = main_parts(mesh.vertices, mesh.faces)[2]
    points, rgb = surface_points(*arrays, POINTS, torch.Generator().manual_seed(0))
    category, _, _ = classifier(normalize_bounds(points)[None], rgb[None])
    return CATEGORIES[int(category.argmax())].name, report.components, report.watertight


def verdicts(rows):
    """Return what the check says, against the classifier and the parts."""
    cells = [(seen, row["kinds"], flaw) for row in rows for seen, flaw in zip(row["seen"], row["flaws"], strict=True)]
    passed = [(kind in kinds, parts == 1 and closed) for (kind, parts, closed), kinds, flaw in cells if not flaw]
    return {
        "pairs": len(rows),
        "kind_of_either": share(kind in kinds for (kind, *_), kinds, _ in cells),
        "one_watertight_part": share(parts == 1 and closed for (_, parts, closed), *_ in cells),
        "passed": len(passed) / len(cells),
        "kind_of_either_if_passed": share(is_kind for is_kind, _ in passed),
        "one_watertight_part_if_passed": share(is_one for _, is_one in passed),
        "flaws": [f"{kinds} seen as {seen[0]}: {flaw}" for seen, kinds, flaw in cells if flaw],
    }


def is_monotone(distances):
    """True if distances never fall by more than the lattice resolves."""
    return all(later >= earlier - 0.005 for earlier, later in zip(distances, distances[1:], strict=False))


def figures(rows, places):
    """Return the figures of all pairs, in all and by place."""
    by_place = {}
    for index, t in enumerate(places):
        seen = [(row["seen"][index], row["kinds"]) for row in rows]
        by_place[t] = {
            "kind_of_either": share(kind in kinds for (kind, *_), kinds in seen),
            "kind_of_first": share(kind == kinds[0] for (kind, *_), kinds in seen),
            "one_watertight_part": share(parts == 1 and closed for (_, parts, closed), _ in seen),
            "distance": round(float(np.mean([row["from_first"][index] for row in rows])), 3),
        }
    rest = [row["from_first"][len(places)] for row in rows]
    return {
        "pairs": len(rows),
        "monotone": share(is_monotone(row["from_first"][: len(places)]) for row in rows),
        "distance_of_the_ends": round(float(np.mean(rest)), 3),
        "whole": share(
            parts == 1 and closed and kind in row["kinds"] for row in rows for kind, parts, closed in row["seen"]
        ),
        "by_place": by_place,
    }


def variation_pairs(count, rng):
    """Return pairs of one prompt with two seeds."""
    tasks = rng.permutation(plain_tasks(4, 1, rng))[:count]
    return [((task.prompt, index), (task.prompt, 1000 + index)) for index, task in enumerate(tasks)]


def blend_pairs(count, rng):
    """Return pairs by thirds: of one prompt, of one kind in two colors, and of two kinds."""
    tasks = list(rng.permutation(plain_tasks(4, 1, rng)))
    pairs = []
    for index, task in enumerate(tasks[:count]):
        same = [other for other in tasks if other.category == task.category and other.color != task.color]
        others = [other for other in tasks if other.category != task.category]
        second = (task, same[0], others[int(rng.integers(len(others)))])[index % 3]
        pairs.append(((task.prompt, index), (second.prompt, 1000 + index)))
    return pairs


def picture(arguments, rows):
    """Save rows of objects from the first to the second of some pairs."""
    model, classifier = loaded(arguments.classifier)
    entries = []
    for row in rows:
        pair = Pair(model, row["first"], row["second"])
        for t in (0.0, *row["places"], 1.0):
            kind, parts, _, mesh = judged(model, classifier, pair.between(row["way"], t), arguments.grid)
            image = render(*(value.numpy() for value in mesh[:3]), size=160)
            is_whole = kind in row["kinds"] and parts == 1
            words = ("" if is_whole else " skipped") if 0 < t < 1 else f" {(row['first'], row['second'])[int(t)][0]}"
            entries.append((f"{t:g}{words}", image))
    contact_sheet(entries, len(rows[0]["places"]) + 2).quantize(256).save(arguments.picture)


def run(arguments):
    """Sample, classify and report."""
    rng = np.random.default_rng(arguments.seed)
    if arguments.what == "vary":
        places, ways, pairs = STRENGTHS, ("noise",), variation_pairs(arguments.pairs, rng)
    else:
        places, ways, pairs = PLACES, WAYS, blend_pairs(arguments.pairs, rng)
    if arguments.what == "point-e":
        with Pool(arguments.workers) as pool:
            rows = pool.map(point_e_row, [(arguments, *pair, "noise", places) for pair in pairs], chunksize=1)
        by_kind = zip(("one prompt", "one kind", "two kinds"), (rows[number::3] for number in range(3)), strict=True)
        print(json.dumps({"all": verdicts(rows), **{name: verdicts(some) for name, some in by_kind}}, indent=1))
        return
    jobs = [(arguments, *pair, way, places) for way in ways for pair in pairs]
    with Pool(arguments.workers) as pool:
        rows = pool.map(row_of, jobs, chunksize=1)
    report = {way: figures([row for row in rows if row["way"] == way], places) for way in ways}
    if arguments.what == "blend":
        for number, name in enumerate(("one prompt", "one kind", "two kinds")):
            for way in ways:
                some = [row for row in rows if row["way"] == way][number::3]
                report[f"{way}: {name}"] = figures(some, places)
    print(json.dumps(report, indent=1))
    arguments.out.write_text(json.dumps({"summary": report, "rows": rows}, indent=1))
    if arguments.picture:
        shown = [row | {"places": places} for row in rows if row["way"] == arguments.way][: arguments.shown]
        picture(arguments, shown)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("vary", "blend", "point-e"))
    parser.add_argument("classifier", type=Path)
    parser.add_argument("--out", type=Path, default=Path("report_blends.json"))
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--shown", type=int, default=6, help="rows of the picture")
    parser.add_argument("--way", default="noise", help="way of the picture")
    parser.add_argument("--seed", type=int, default=0, help="seed of the choice of prompts")
    parser.add_argument("--workers", type=int, default=1)
    run(parser.parse_args())
