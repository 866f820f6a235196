# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure prompt to view to object with the small GLIDE: `python -m scripts.training.evaluate.views CLASSIFIER`.

Every prompt of `view_prompts.txt`, which `view_prompts.py` writes, is drawn with a few seeds. The image tower reads
each view as a file of a user, the included small Shap-E makes an object of what it read, and an independent classifier
names that object.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from blender_text3d.engine.glide.mini import MiniGlide
from blender_text3d.engine.image.caption import ImageCaption
from blender_text3d.engine.mini.files import GLIDE_WEIGHTS
from blender_text3d.engine.shap_e.mini import MiniShapE

from ..data.catalogue import CATEGORIES
from ..images.contact_sheet import contact_sheet
from ..images.render import render
from .classification import classify_mesh, share
from .classifier import load_classifier
from .shap_e import mesh_and_report, sample_latents
from .tasks import Task
from .tower import CPU, caption_of_image

PROMPTS = Path(__file__).with_name("view_prompts.txt")
SHOWN_PIXELS = 160


@dataclass(frozen=True)
class Reading:
    """A view as the image tower read it.

    Attributes:
        prompt, seed: what it was drawn of.
        caption: what the tower named.
        held_out: True if training never saw the pair of kind and color.
        kind_right, color_right: True if the tower named the prompt's.
        part_right: True if it named the prompt's part in its color; None if the prompt names none.
    """

    prompt: str
    seed: int
    caption: str
    held_out: bool
    kind_right: bool
    color_right: bool
    part_right: bool | None


def task_of(prompt):
    """Return the task of a prompt like "a red chair with white legs"."""
    head, _, tail = prompt.partition(" with ")
    _, color, kind = head.split(" ")
    if not tail:
        return Task(kind, color)
    part_color, word = tail.split(" ", 1)
    accents = next(category.accents for category in CATEGORIES if category.name == kind)
    role = next(role for role, (words, _) in accents.items() if word in words)
    return Task(kind, color, role, word, part_color)


def reading_of(task: Task, prompt: str, seed: int, caption: ImageCaption):
    """Return a view's reading."""
    part = (task.part_color in [color for _, color in caption.parts]) if task.part else None
    kind, color = caption.category == task.category, caption.color == task.color
    return Reading(prompt, seed, caption.caption, task.held_out, kind, color, part)


def drawn(model, prompts, seeds, arguments):
    """Return the views (B, 64, 64, 3) uint8 and the seconds that they took."""
    pictures, begun = [], time.monotonic()
    for start in range(0, len(prompts), arguments.batch):
        rows = slice(start, start + arguments.batch)
        steps = model.pictures(prompts[rows], seeds[rows], arguments.quality, arguments.guidance)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                pictures.append(end.value)
                break
    return np.concatenate(pictures), time.monotonic() - begun


def figures(readings):
    """Return the shares of right kinds, main colors, and both, also of held-out pairs and of prompts with parts."""
    both = [reading.kind_right and reading.color_right for reading in readings]
    held_out = [value for value, reading in zip(both, readings, strict=True) if reading.held_out]
    parts = [reading.part_right for reading in readings if reading.part_right is not None]
    values = {
        "kind": [reading.kind_right for reading in readings],
        "color": [reading.color_right for reading in readings],
        "both": both,
        "both_held_out": held_out,
        "part": parts,
    }
    return {"views": len(readings)} | {name: share(flags) for name, flags in values.items() if flags}


@torch.inference_mode()
def objects(captions, tasks, seeds, classifier_path, grid):
    """Make an object of each caption; returns (classifications, meshes)."""
    model, classifier = MiniShapE.load(CPU), load_classifier(classifier_path)
    conditions = torch.cat([model.conditioner.encode_prompt(caption) for caption in captions])
    latents = sample_latents(model, conditions, seeds, None, 1.0)
    meshes = [mesh_and_report(model, latent, grid) for latent in latents]
    found = [classify_mesh(classifier, *each)[0] for each in zip(tasks, seeds, meshes, strict=True)]
    return found, meshes


def object_figures(classifications):
    """Return the shares of objects whose kind and main color the classifier names as the prompt."""
    kinds, colors = ([getattr(one, name) for one in classifications] for name in ("category_right", "color_right"))
    both = [kind and color for kind, color in zip(kinds, colors, strict=True)]
    return {"objects": len(kinds), "kind": share(kinds), "color": share(colors), "both": share(both)}


def entry(prompt, view, mesh=None):
    """Return the entry of a contact sheet: the view, and the object."""
    shown = [np.asarray(Image.fromarray(view).resize((SHOWN_PIXELS, SHOWN_PIXELS), Image.Resampling.LANCZOS))]
    if mesh is not None:
        shown.append(np.asarray(render(*(value.numpy() for value in mesh[:3]), size=SHOWN_PIXELS)))
    return prompt, np.hstack(shown)


def run(arguments):
    """Draw, read, make objects, report."""
    torch.set_num_threads(arguments.threads)
    lines = PROMPTS.read_text(encoding="utf-8").splitlines()[arguments.first :: arguments.every]
    prompts = [prompt for prompt in lines for _ in range(arguments.seeds)]
    seeds = [seed for _ in lines for seed in range(arguments.seeds)]
    tasks = [task_of(prompt) for prompt in prompts]
    views, seconds = drawn(MiniGlide(CPU, path=arguments.weights), prompts, seeds, arguments)
    captions = [caption_of_image(Image.fromarray(view)) for view in views]
    readings = [reading_of(*each) for each in zip(tasks, prompts, seeds, captions, strict=True)]
    report = {"views": figures(readings), "seconds_a_view": round(seconds / len(views), 3)}
    print(json.dumps(report), flush=True)
    meshes = [None] * len(views)
    if arguments.classifier:
        captioned = [caption.caption for caption in captions]
        found, meshes = objects(captioned, tasks, seeds, arguments.classifier, arguments.grid)
        report |= {"objects": object_figures(found)}
        print(json.dumps(report["objects"]))
    picked = range(0, len(views), max(1, len(views) // arguments.shown))[: arguments.shown]
    sheet = contact_sheet([entry(prompts[row], views[row], meshes[row]) for row in picked], arguments.columns)
    sheet.save(arguments.sheet)
    wrong = [asdict(reading) for reading in readings if not (reading.kind_right and reading.color_right)]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classifier", type=Path, nargs="?", help="without it, no objects are made")
    parser.add_argument("--weights", type=Path, default=GLIDE_WEIGHTS)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each prompt, from 0")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th prompt")
    parser.add_argument("--first", type=int, default=0, help="first prompt to take")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shown", type=int, default=24, help="views on the sheet")
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--sheet", type=Path, default=Path("sheet_views.png"))
    parser.add_argument("--out", type=Path, default=Path("report_views.json"))
    run(parser.parse_args())
