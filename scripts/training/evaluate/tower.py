# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure image to object generation with the included small Shap-E.

Run as `python -m scripts.training.evaluate.tower CLASSIFIER IMAGES`.

Images of test shapes, a third of them with held-out pairs of kind and color, go through the complete pipeline as files:
background removal, tower, caption, prior, mesh. An independent classifier evaluates the meshes. The true captions go
through the same pipeline for comparison.
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
from ..images.image_dataset import read_images
from ..images.render import render
from ..images.tower_cases import IMAGE_STYLES, SIDE, cases, simulate_user_image
from .classification import classify_mesh
from .classifier import load_classifier
from .shap_e import mesh_and_report, sample_latents

CPU = torch.device("cpu")


def outcome(classifications):
    """Return the accuracy of kinds, main colors, both, and colors of captioned parts."""
    right = np.array([[v.category_right, v.color_right] for v in classifications])
    return figures(right, [v.held_out for v in classifications]) | {
        "part_color": round(float(np.mean([v.part_right for v in classifications if v.part_right is not None])), 3)
    }


def figures(right, unseen):
    """Return the means of (S, 2) flags of kinds and colors, and of both for training pairs and held-out pairs."""
    unseen, right = np.array(unseen, bool), np.array(right)
    both = right.all(1)
    values = {"kind": right[:, 0], "color": right[:, 1], "both": both}
    values |= {"both_seen": both[~unseen], "both_unseen": both[unseen]}
    return {"pictures": len(right)} | {name: round(float(flags.mean()), 3) for name, flags in values.items()}


def caption_accuracy(predictions, chosen):
    """Measure how accurate captions are, without generating an object."""
    both = list(zip(predictions, chosen, strict=True))
    kinds = [(prediction, case) for prediction, case in both if prediction.category == case.image_caption.category]
    shares = {
        "told_parts_true": [case.is_true(*part) for prediction, case in kinds for part in prediction.parts],
        "parts_told": [part in prediction.parts for prediction, case in kinds for part in case.image_caption.parts],
        "told_sizes_true": [prediction.size == case.image_caption.size for prediction, case in both if prediction.size],
        "sizes_told": [
            prediction.size == case.image_caption.size for prediction, case in both if case.image_caption.size
        ],
        "sure": [prediction.is_sure for prediction in predictions],
    }
    right = [
        [prediction.category == case.image_caption.category, prediction.color == case.image_caption.color]
        for prediction, case in both
    ]
    unseen = [is_held_out(case.image_caption.category, case.image_caption.color) for case in chosen]
    return figures(right, unseen) | {name: round(float(np.mean(flags)), 3) for name, flags in shares.items() if flags}


def caption_of_file(path):
    """Return the tower's caption of an image file.

    Raises:
        BadImage: The file has no picture of an object.
    """
    return caption_image(path, CPU).image_caption


def caption_of_image(image):
    """Return the tower's caption of an image, which is written and read as a user's is."""
    with tempfile.TemporaryDirectory() as folder:
        image.save(Path(folder) / "picture.png")
        return caption_of_file(Path(folder) / "picture.png")


def on_white(image):
    """Composite an image on white."""
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def objects(model, classifier, captions, tasks, arguments):
    """Generate captions, each with a different seed; returns (classifications, renders)."""
    conditions = torch.cat([model.conditioner.encode_prompt(caption) for caption in captions])
    seeds = range(len(tasks))
    latents = sample_latents(model, conditions, seeds, arguments.steps, arguments.guidance)
    meshes = [mesh_and_report(model, latent, arguments.grid) for latent in latents]
    classifications = [
        classify_mesh(classifier, task, seed, mesh)[0] for task, seed, mesh in zip(tasks, seeds, meshes, strict=True)
    ]
    arrays = [[value.numpy() for value in mesh[:3]] for mesh in meshes]
    return classifications, [render(*mesh, size=SIDE, supersample=1) for mesh in arrays]


def accuracy_by_style(chosen, rng):
    """Return image style -> accuracy of the captions."""
    return {
        style: caption_accuracy(
            [caption_of_image(simulate_user_image(case.rgba, style, rng)) for case in chosen], chosen
        )
        for style in IMAGE_STYLES
    }


def run(arguments):
    """Caption, generate, classify and report."""
    torch.set_num_threads(arguments.threads)
    rng, model = np.random.default_rng(arguments.seed), MiniShapE.load(CPU)
    classifier = load_classifier(arguments.classifier)
    shapes = read_images(arguments.images)
    report = {"reading": accuracy_by_style(cases(shapes, len(shapes["category"]), rng), rng)}
    print(json.dumps(report, indent=1), flush=True)
    chosen = cases(shapes, arguments.count, rng)
    images = [simulate_user_image(case.rgba, str(rng.choice(IMAGE_STYLES)), rng) for case in chosen]
    predictions, tasks = [caption_of_image(image) for image in images], [case.task for case in chosen]
    classifications, renders = objects(
        model, classifier, [prediction.caption for prediction in predictions], tasks, arguments
    )
    reference_results, reference_renders = objects(
        model, classifier, [case.image_caption.caption for case in chosen], tasks, arguments
    )
    report |= {
        "captions": caption_accuracy(predictions, chosen),
        "objects": outcome(classifications),
        "objects_of_true_captions": outcome(reference_results),
        "captions_of_renders_of_those": caption_accuracy([caption_of_image(one) for one in reference_renders], chosen),
    }
    print(json.dumps(report, indent=1))
    rows = list(zip(predictions, images, renders, strict=True))[:: max(1, len(predictions) // arguments.shown)]
    sheet = [
        (prediction.caption, np.hstack([on_white(image), render_of_object]))
        for prediction, image, render_of_object in rows
    ]
    contact_sheet(sheet, 4).save(arguments.sheet)
    wrong = [
        f"{case.image_caption.caption} | {prediction.caption} | {classification.seen_as}"
        for case, prediction, classification in zip(chosen, predictions, classifications, strict=True)
        if not (classification.category_right and classification.color_right)
    ]
    arguments.out.write_text(json.dumps({"summary": report, "wrong": wrong}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classifier", type=Path)
    parser.add_argument("images", type=Path, help="test images from scripts.training.images.image_dataset")
    parser.add_argument("--out", type=Path, default=Path("report_tower.json"))
    parser.add_argument(
        "--sheet", type=Path, default=Path("sheet_tower.png"), help="contact sheet of images and generated objects"
    )
    parser.add_argument("--shown", type=int, default=48, help="pairs on the sheet")
    parser.add_argument("--count", type=int, default=180)
    default = MODELS["mini/shap-e"].undistilled[DEFAULT_QUALITY]
    parser.add_argument(
        "--steps", type=int, help=f"2 or 4 of the distilled weights, or more of the prior, such as {default.steps}"
    )
    parser.add_argument("--guidance", type=float, default=default.guidance)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())
