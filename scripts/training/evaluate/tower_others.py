# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the image tower says of things that are not the catalog's shapes.

Run as `python -m scripts.training.evaluate.tower_others --pictures FOLDER … --furniture FOLDER`.

Pictures of other things should be told as not sure. Of real models, of which one render each is read as a user's file,
those whose name ends with a kind of the catalog should be named as that kind, and the others as not sure.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.image.image_file import BadImage
from blender_text3d.engine.shap_e.encoding.object_file import BadObject, object_mesh

from ..images.picture_names import kind_named, names_a_kind
from ..images.render import render
from ..train.known_objects import SUFFIXES
from .cc0_furniture import furniture
from .classification import share
from .tower import caption_of_file, caption_of_image

SIDE = 256


def kind_of(name):
    """Return the kind that a model's name ends with, before any "with", or ""; "Oak chair" is a chair."""
    words = name.lower().partition(" with ")[0].split()
    phrases = " ".join(words[-2:]), words[-1]
    return next((kind for phrase in phrases if (kind := kind_named(phrase))), "")


def picture_of(mesh):
    """Return a render of a `TexturedMesh` in three-quarter view, an RGB image; each face has a color at each corner."""
    faces = np.repeat(np.arange(len(mesh.faces)), 3)
    colors = mesh.base_colors(faces, np.tile(np.eye(3, dtype=np.float32), (len(mesh.faces), 1)))
    corners = mesh.vertices[mesh.faces].reshape(-1, 3)
    return render(corners, np.arange(len(corners)).reshape(-1, 3), colors, size=SIDE, supersample=1, smooth=False)


def pictures_figures(folder, limit, rng):
    """Return the number of pictures of a folder, without those named like a kind, and the share told as not sure."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not names_a_kind(path))
    unsure = []
    for index in rng.permutation(len(paths))[:limit]:
        try:
            unsure.append(not caption_of_file(paths[index]).is_sure)
        except BadImage:
            continue
    return {"pictures": len(unsure), "not_sure": share(unsure)}


def furniture_readings(models):
    """Return (name, true kind or "", caption) of each model that can be read."""
    found = []
    for name, path in models:
        try:
            mesh = object_mesh(path)
        except BadObject:
            continue
        found.append((name, kind_of(name), caption_of_image(picture_of(mesh))))
    return found


def furniture_figures(readings):
    """Return how many models are of kinds of the catalog, how they were read, and how the others were."""
    known = [(kind, caption) for _, kind, caption in readings if kind]
    sure = [kind == caption.category for kind, caption in known if caption.is_sure]
    others = [not caption.is_sure for _, kind, caption in readings if not kind]
    return {
        "models": len(readings),
        "of_known_kinds": len(known),
        "correct_kind": share([kind == caption.category for kind, caption in known]),
        "among_the_nearest_three": share([kind in caption.nearest for kind, caption in known]),
        "sure": len(sure),
        "correct_if_sure": share(sure) if sure else None,
        "others": len(others),
        "others_not_sure": share(others),
    }


def run(arguments):
    """Read, report."""
    torch.set_num_threads(arguments.threads)
    rng, report = np.random.default_rng(arguments.seed), {}
    for folder in arguments.pictures:
        report[folder.name] = pictures_figures(folder, arguments.limit, rng)
    if arguments.furniture:
        readings = furniture_readings(furniture(arguments.furniture, arguments.package))
        report["furniture"] = furniture_figures(readings)
        report["readings"] = [[name, kind, caption.category, caption.is_sure] for name, kind, caption in readings]
    print(json.dumps({name: figures for name, figures in report.items() if name != "readings"}, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, nargs="*", default=[], help="folders of pictures of other things")
    parser.add_argument("--limit", type=int, default=200, help="pictures of each folder")
    parser.add_argument("--furniture", type=Path, help="folder for the real models; without it none are read")
    parser.add_argument("--package", type=Path, help="file of the package, instead of a download")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="file for the figures and every reading")
    run(parser.parse_args())
