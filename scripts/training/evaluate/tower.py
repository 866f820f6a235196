# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures pictures to objects with the shipped small Shap-E.

Run as `python -m scripts.training.evaluate.tower JUDGE PICTURES`.

Pictures of shapes never learned from, a third of them in colors that their kind never had in training, go the whole
way as files: background taken away, tower, caption, prior, mesh. An independent judge of meshes says what came out. For
comparison, what a tower that is never wrong would say goes the same way.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from blender_text3d.engine.image.caption_from_image import caption_image
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.protocol.models import DEFAULT_QUALITY, MODELS

from ..data.catalogue import is_held_out
from ..images.contact_sheet import contact_sheet
from ..images.image_dataset import read_pictures
from ..images.render import render
from ..images.tower_cases import MANNERS, SIDE, cases, shown
from .classifier import Judge
from .shap_e import latents_told, mesh_and_report, verdict_of

CPU = torch.device("cpu")


def outcome(verdicts):
    """Shares of right kinds, right main colors, both, and right colors of told parts."""
    right = np.array([[v.category_right, v.color_right] for v in verdicts])
    return figures(right, [v.held_out for v in verdicts]) | {
        "part_color": round(float(np.mean([v.part_right for v in verdicts if v.part_right is not None])), 3)
    }


def figures(right, unseen):
    """Shares of (S, 2) kinds and colors, and of both in pairs that were seen in training or not."""
    unseen, right = np.array(unseen, bool), np.array(right)
    both = right.all(1)
    values = {"kind": right[:, 0], "color": right[:, 1], "both": both}
    values |= {"both_seen": both[~unseen], "both_unseen": both[unseen]}
    return {"pictures": len(right)} | {name: round(float(flags.mean()), 3) for name, flags in values.items()}


def reading_of(told, chosen):
    """Measure how accurate captions are, without generating an object."""
    both = list(zip(told, chosen, strict=True))
    kinds = [(said, case) for said, case in both if said.category == case.image_caption.category]
    shares = {
        "told_parts_true": [case.is_true(*part) for said, case in kinds for part in said.parts],
        "parts_told": [part in said.parts for said, case in kinds for part in case.image_caption.parts],
        "told_sizes_true": [said.size == case.image_caption.size for said, case in both if said.size],
        "sizes_told": [said.size == case.image_caption.size for said, case in both if case.image_caption.size],
        "sure": [said.is_sure for said in told],
    }
    right = [
        [said.category == case.image_caption.category, said.color == case.image_caption.color] for said, case in both
    ]
    unseen = [is_held_out(case.image_caption.category, case.image_caption.color) for case in chosen]
    return figures(right, unseen) | {name: round(float(np.mean(flags)), 3) for name, flags in shares.items() if flags}


def sight_of_picture(picture):
    """Return the tower's caption of an image, which is written and read as a user's is."""
    with tempfile.TemporaryDirectory() as folder:
        picture.save(Path(folder) / "picture.png")
        return caption_image(Path(folder) / "picture.png", CPU).image_caption


def on_white(picture):
    """The same without alpha."""
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def objects(model, judge, captions, tasks, arguments):
    """(verdicts, pictures) of what captions become, each with a seed of its own."""
    conditions = torch.cat([model.conditioner.encode_prompt(caption) for caption in captions])
    seeds = range(len(tasks))
    latents = latents_told(model, conditions, seeds, arguments.steps, arguments.guidance)
    meshes = [mesh_and_report(model, latent, arguments.grid) for latent in latents]
    verdicts = [verdict_of(judge, task, seed, mesh)[0] for task, seed, mesh in zip(tasks, seeds, meshes, strict=True)]
    arrays = [[value.numpy() for value in mesh[:3]] for mesh in meshes]
    return verdicts, [render(*mesh, size=SIDE, supersample=1) for mesh in arrays]


def of_manners(chosen, rng):
    """Manner of taking pictures -> how true captions are."""
    return {
        manner: reading_of([sight_of_picture(shown(case.rgba, manner, rng)) for case in chosen], chosen)
        for manner in MANNERS
    }


def run(arguments):
    """Reads, generates, judges and reports."""
    torch.set_num_threads(arguments.threads)
    rng, model, judge = np.random.default_rng(arguments.seed), MiniShapE.load(CPU), Judge()
    judge.load_state_dict(torch.load(arguments.judge))
    shapes = read_pictures(arguments.pictures)
    report = {"reading": of_manners(cases(shapes, len(shapes["category"]), rng), rng)}
    print(json.dumps(report, indent=1), flush=True)
    chosen = cases(shapes, arguments.count, rng)
    pictures = [shown(case.rgba, str(rng.choice(MANNERS)), rng) for case in chosen]
    told, tasks = [sight_of_picture(picture) for picture in pictures], [case.task for case in chosen]
    verdicts, made = objects(model, judge, [said.caption for said in told], tasks, arguments)
    by_words, made_of_words = objects(model, judge, [case.image_caption.caption for case in chosen], tasks, arguments)
    report |= {
        "captions": reading_of(told, chosen),
        "objects": outcome(verdicts),
        "objects_of_true_captions": outcome(by_words),
        "captions_of_renders_of_those": reading_of([sight_of_picture(one) for one in made_of_words], chosen),
    }
    print(json.dumps(report, indent=1))
    rows = list(zip(told, pictures, made, strict=True))[:: max(1, len(told) // arguments.shown)]
    sheet = [(said.caption, np.hstack([on_white(picture), thing])) for said, picture, thing in rows]
    contact_sheet(sheet, 4).save(arguments.sheet)
    wrong = [
        f"{case.image_caption.caption} | {said.caption} | {verdict.seen_as}"
        for case, said, verdict in zip(chosen, told, verdicts, strict=True)
        if not (verdict.category_right and verdict.color_right)
    ]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judge", type=Path)
    parser.add_argument(
        "pictures", type=Path, help="made by scripts.training.images.image_dataset with a seed of their own"
    )
    parser.add_argument("--out", type=Path, default=Path("report_tower.json"))
    parser.add_argument("--sheet", type=Path, default=Path("sheet_tower.png"), help="pictures and what they became")
    parser.add_argument("--shown", type=int, default=48, help="pairs on the sheet")
    parser.add_argument("--count", type=int, default=180)
    usual = MODELS["mini/shap-e"].qualities[DEFAULT_QUALITY]
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--guidance", type=float, default=usual.guidance)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())
