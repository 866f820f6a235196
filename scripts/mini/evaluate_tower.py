# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures pictures to objects with the shipped small Shap-E: `python -m mini.evaluate_tower JUDGE PICTURES`.

Pictures of shapes never learned from, a third of them in colours that their kind never had in training, are written as
PNG on a plain ground of any colour, and go the whole way: background taken away, tower, prior, mesh. An independent
judge of meshes says what came out. For comparison, captions of the same shapes go the same way as words.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from blender_text3d.engine.image.mini_tower import mini_picture_reader
from blender_text3d.engine.shap_e.mini import MiniShapE

from .catalogue import CATEGORIES
from .colors import COLORS
from .contact_sheet import contact_sheet
from .evaluate import Task, latents_told, mesh_and_report, verdict_of
from .judge import Judge
from .painting import HELD, SEEN, painted_views
from .pictures import read_pictures
from .render import render

SIDE = 256


def shown(rgba, rng):
    """An RGB picture of one object [4, S, S] on a plain ground with air around it, as somebody might take it."""
    ground = torch.from_numpy(np.repeat(rng.uniform(0.5, 1.0), 3) + rng.normal(0, 0.04, 3)).float().clamp(0, 1)
    wide = F.pad(rgba, (14, 14, 10, 16))
    rgb = wide[:3] + (1 - wide[3:]) * ground[:, None, None]
    picture = Image.fromarray((rgb.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))
    return picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def cases(shapes, count, rng):
    """`count` times (picture, caption, task, RGBA)."""
    made = []
    for colors, share in ((SEEN, 2), (HELD, 1)):
        able = np.flatnonzero([bool(colors[CATEGORIES[number].name]) for number in shapes["category"]])
        rows = rng.permutation(able)[: count * share // 3]
        for row, rgba, caption, color in zip(rows, *painted_views(shapes, rows, colors, rng), strict=True):
            task = Task(CATEGORIES[shapes["category"][row]].name, list(COLORS)[color])
            made.append((shown(rgba, rng), str(caption), task))
    return made


def outcome(verdicts):
    """Shares of right kinds, right main colours, and both."""
    right = np.array([[v.category_right, v.color_right] for v in verdicts])
    unseen = np.array([v.held_out for v in verdicts])
    return {
        "pictures": len(verdicts),
        "kind": round(right[:, 0].mean(), 3),
        "color": round(right[:, 1].mean(), 3),
        "both": round(right.all(1).mean(), 3),
        "both_seen": round(right.all(1)[~unseen].mean(), 3),
        "both_unseen": round(right.all(1)[unseen].mean(), 3),
    }


def objects(model, judge, conditions, tasks, arguments):
    """(verdicts, pictures) of what vectors [S, K] become, each with a seed of its own."""
    seeds = range(len(tasks))
    latents = latents_told(model, conditions, seeds, arguments.steps, arguments.guidance)
    meshes = [mesh_and_report(model, latent, arguments.grid) for latent in latents]
    verdicts = [verdict_of(judge, task, seed, mesh)[0] for task, seed, mesh in zip(tasks, seeds, meshes, strict=True)]
    arrays = [[value.numpy() for value in mesh[:3]] for mesh in meshes]
    return verdicts, [render(*mesh, size=SIDE, supersample=1) for mesh in arrays]


def conditions_of(read, pictures):
    """[S, K] vectors of pictures, each read back from a file, as a user's is."""
    values = []
    with tempfile.TemporaryDirectory() as folder:
        for picture in pictures:
            picture.save(Path(folder) / "picture.png")
            values.append(read(Path(folder) / "picture.png").values)
    return torch.cat(values)


def run(arguments):
    """Generates, judges and reports."""
    torch.set_num_threads(arguments.threads)
    rng, model = np.random.default_rng(arguments.seed), MiniShapE.load(torch.device("cpu"))
    judge, read = Judge(), mini_picture_reader(model.device, "shap_e")
    judge.load_state_dict(torch.load(arguments.judge))
    pictures, captions, tasks = zip(*cases(read_pictures(arguments.pictures), arguments.count, rng), strict=True)
    words = torch.cat([model.condition(model.vocabulary.read_prompt(caption)) for caption in captions])
    told = conditions_of(read, pictures)
    verdicts, made = objects(model, judge, told, tasks, arguments)
    by_words, made_of_words = objects(model, judge, words, tasks, arguments)
    again, made_again = objects(model, judge, conditions_of(read, made_of_words), tasks, arguments)
    middle = words.mean(0)
    report = {
        "of_pictures": outcome(verdicts),
        "of_words": outcome(by_words),
        "of_renders_of_own_objects": outcome(again),
        "cosine": round((told * words).sum(1).mean().item(), 4),
        "cosine_around_the_middle": round(F.cosine_similarity(told - middle, words - middle).mean().item(), 4),
    }
    print(json.dumps(report, indent=1))
    pairs = [(captions[i], np.hstack([pictures[i], made[i]])) for i in range(len(made))]
    pairs += [(captions[i], np.hstack([made_of_words[i], made_again[i]])) for i in range(arguments.shown // 3)]
    chosen = [*range(0, arguments.count, arguments.count * 3 // (arguments.shown * 2)), *range(len(made), len(pairs))]
    contact_sheet([pairs[i] for i in chosen][: arguments.shown], 4).save(arguments.sheet)
    wrong = [
        f"{c}: {v.seen_as}" for c, v in zip(captions, verdicts, strict=True) if not (v.category_right and v.color_right)
    ]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judge", type=Path)
    parser.add_argument("pictures", type=Path, help="made by mini.pictures with a seed of their own")
    parser.add_argument("--out", type=Path, default=Path("report_tower.json"))
    parser.add_argument("--sheet", type=Path, default=Path("sheet_tower.png"), help="pictures and what they became")
    parser.add_argument("--shown", type=int, default=48, help="pairs on the sheet")
    parser.add_argument("--count", type=int, default=180)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())
