# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the image tower's output `known`, which tells objects of the catalog from other things.

Run as `python -m scripts.training.train.known_objects IMAGES OTHERS [OTHERS …]`.

A logistic regression on the features of a tower, which is left as it is: images of catalog shapes against
pictures of other things, of which each folder counts equally. A few objects of the catalog among those, whose names do
not say so, do no harm.

Source: Hendrycks et al. 2019 (Outlier Exposure), section 3.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from blender_text3d.engine.image.caption_from_image import PREPARED_SIDE, load_image_tower
from blender_text3d.engine.image.image_file import BadImage
from blender_text3d.engine.image.image_vocabulary import ImageVocabulary
from blender_text3d.engine.image.mini_image_tower import pooled_features
from blender_text3d.engine.image.preprocess import prepare_image
from blender_text3d.engine.image.view_ensemble import views_of
from blender_text3d.engine.mini.files import IMAGE_TOWER_WEIGHTS

from ..images.image_dataset import read_images
from ..images.picture_names import names_a_kind
from ..images.tower_cases import IMAGE_STYLES, cases, simulate_user_image
from .exported import write_weights

MAX_REJECTED = 0.04
"""Share of catalog images that may be taken for other things."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@torch.inference_mode()
def features_of(tower, path):
    """Return the tower's pooled features (2 D,) float32 of an image file, the mean of all views."""
    prepared = prepare_image(path, PREPARED_SIDE)
    tokens = tower.visual.tokens(views_of(prepared.view, tower.config.image_resolution))
    return pooled_features(tower.visual.ln_post(tokens[:, 0]), tokens).mean(0)


def catalog_features(tower, shapes, rng):
    """Return the features (N, 2 D) float32 of catalog images as users have them."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.png"
        for case in cases(shapes, len(shapes["category"]), rng):
            simulate_user_image(case.rgba, str(rng.choice(IMAGE_STYLES)), rng).save(path)
            rows.append(features_of(tower, path))
    return torch.stack(rows)


def other_features(tower, folder, limit, rng):
    """Return the features (N, 2 D) float32 of pictures in a folder and its subfolders, without those it cannot use.

    Those that are named like a kind of the catalog are left out.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not names_a_kind(path))
    rows = []
    for index in rng.permutation(len(paths))[:limit]:
        try:
            rows.append(features_of(tower, paths[index]))
        except BadImage:
            continue
    return torch.stack(rows)


def fit(known, others, penalty=1e-3):
    """Return weight (2 D,) and bias of a logistic regression of sets of features.

    Args:
        known: (N, 2 D) float32 of objects of the catalog; they count as much as all others.
        others: sets (M, 2 D) float32 of other things, which count equally.
        penalty: factor of the squared weights.
    """
    sets = [known, *others]
    rows = torch.cat(sets)
    mean, scale = rows.mean(0), rows.std(0).clamp_min(1e-6)
    labels = (torch.arange(len(rows)) < len(known)).float()
    shares = [0.5, *[0.5 / len(others)] * len(others)]
    balance = torch.cat([torch.full((len(one),), share / len(one)) for one, share in zip(sets, shares, strict=True)])
    weight, bias = torch.zeros(rows.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=300, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        logits = ((rows - mean) / scale) @ weight + bias
        total = F.binary_cross_entropy_with_logits(logits, labels, balance, reduction="sum") + penalty * weight @ weight
        total.backward()
        return total

    optimizer.step(loss)
    scaled = (weight / scale).detach()
    return scaled, (bias - mean @ scaled).detach()


def with_threshold(weight, bias, known, max_rejected=MAX_REJECTED):
    """Return the bias for which a share of the features of known objects (N, 2 D) gets a negative logit."""
    return bias - torch.quantile(known @ weight + bias, max_rejected)


def store(weight, bias, tower, path):
    """Write a tower's weights file with other tensors of the output."""
    tensors = load_file(tower) | {"known.weight": weight[None].half(), "known.bias": bias.half()}
    write_weights(tensors, path, ImageVocabulary.read(tower).metadata())


def shuffled(rows, rng):
    """Return rows (N, …) in random order."""
    return rows[torch.from_numpy(rng.permutation(len(rows)))]


def run(arguments):
    """Fit on two thirds, choose the threshold on the rest of the catalog images, report, and store."""
    torch.set_num_threads(arguments.threads)
    rng = np.random.default_rng(arguments.seed)
    tower, _ = load_image_tower(arguments.tower, torch.device("cpu"))
    known = shuffled(catalog_features(tower, read_images(arguments.images), rng), rng)
    others = [shuffled(other_features(tower, folder, arguments.limit, rng), rng) for folder in arguments.others]
    cut = 2 * len(known) // 3
    weight, bias = fit(known[:cut], [rows[: 2 * len(rows) // 3] for rows in others])
    bias = with_threshold(weight, bias, known[cut:])
    taken = [((rows[2 * len(rows) // 3 :] @ weight + bias) >= 0).float().mean().item() for rows in others]
    counts, shares = [len(rows) for rows in others], [round(share, 3) for share in taken]
    print(json.dumps({"known": len(known), "others": counts, "others taken for known": shares}))
    store(weight, bias, arguments.tower, arguments.out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=Path, help="images of shapes from scripts.training.images.image_dataset")
    parser.add_argument("others", type=Path, nargs="+", help="folders of pictures of other things")
    parser.add_argument("--limit", type=int, default=3000, help="pictures of each folder")
    parser.add_argument("--tower", type=Path, default=IMAGE_TOWER_WEIGHTS, help="weights file to read")
    parser.add_argument("--out", type=Path, default=IMAGE_TOWER_WEIGHTS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())
