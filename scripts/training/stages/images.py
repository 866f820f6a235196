# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of the small image tower and of the small GLIDE."""

from .shap_e import VOCABULARY
from .stage import Choices, Other, Read, Stage, Write

IMAGES, TEST_IMAGES, KNOWN_IMAGES = "images/train", "images/test", "images/known"
TRUNK, TOWER_CHECKPOINT = "checkpoints/tower_trunk.pt", "checkpoints/tower.pt"
TOWER_EXPORT, TOWER = "checkpoints/tower_export.safetensors", "weights/image_tower.safetensors"
DRAWINGS, FLAT = "pictures/drawings", "pictures/flat"
VIEWS, GLIDE_CHECKPOINT, GLIDE = "images/views", "checkpoints/glide.pt", "weights/glide.safetensors"


def images_stage(name: str, path: str, shapes: int, seed: int, hours: float, choices: Choices) -> Stage:
    """Return the stage that makes images without colors."""
    arguments = (Write(path), "--shapes", shapes, *choices.seeded(seed), *choices.workers)
    return Stage(name, "images.image_dataset", arguments, hours, resumes=True, gigabytes=shapes * 5e-5)


def tower_stages(choices: Choices) -> list[Stage]:
    """Return the stages of the tower, whose last one tells objects of the catalog from other things."""
    data, batch, fast = (Read(IMAGES), Read(TEST_IMAGES)), ("--batch", choices.of(64, 8)), choices.acceleration
    return [
        images_stage("tower.images", IMAGES, choices.of(12_000, 8), 101, 0.2, choices),
        images_stage("tower.test-images", TEST_IMAGES, choices.of(400, 6), 102, 0.01, choices),
        Stage(
            "tower.trunk",
            "train.tower",
            (*data, Write(TRUNK), *batch, *choices.training(14_000), *fast),
            0.8,
            resumes=True,
        ),
        Stage(
            "tower.network",
            "train.tower",
            (*data, Write(TOWER_CHECKPOINT), "--start", Read(TRUNK), *batch, *choices.training(13_000, seed=1), *fast),
            0.7,
            resumes=True,
        ),
        Stage("tower.export", "train.export_tower", (Read(TOWER_CHECKPOINT), "--out", Write(TOWER_EXPORT)), 0.001),
        *known_objects_stages(choices),
    ]


def known_objects_stages(choices: Choices) -> list[Stage]:
    """Return the pictures of other things, and the regression. Without pictures of the user's there are drawings."""
    drawings = Write(DRAWINGS), "--drawings", choices.of(1300, 6), *choices.seeded(0)
    flat = other_pictures(choices)
    folders = [Read(DRAWINGS), *([Read(FLAT)] if flat else []), *map(Other, choices.pictures)]
    weights = "--tower", Read(TOWER_EXPORT), "--out", Write(TOWER)
    options = *weights, "--threads", choices.cores, *choices.seeded(0)
    return [
        images_stage("tower.known-images", KNOWN_IMAGES, choices.of(900, 8), 909, 0.01, choices),
        Stage("tower.drawings", "images.flat_pictures", drawings, 0.01),
        *flat,
        Stage("tower.weights", "train.known_objects", (Read(KNOWN_IMAGES), *folders, *options), 0.2),
    ]


def other_pictures(choices: Choices) -> list[Stage]:
    """Return the stage that makes flat pictures of the user's, if there are any."""
    kinds = (("--pictures", choices.pictures), ("--font", choices.fonts), ("--letters", choices.letters))
    sources = [value for option, paths in kinds for path in paths for value in (option, Other(path))]
    arguments = (Write(FLAT), *sources, *choices.seeded(0))
    return [Stage("tower.flat-pictures", "images.flat_pictures", arguments, 0.05)] if sources else []


def glide_stages(choices: Choices) -> list[Stage]:
    """Return the stages of the small GLIDE."""
    views = Write(VIEWS), "--shapes", choices.of(12_000, 6), *choices.seeded(301), *choices.workers
    rate, reads = ("--muon-rate", 2.5e-3), (VOCABULARY,)
    network = Read(VIEWS), Write(GLIDE_CHECKPOINT), *rate, *choices.data_parallel(4000, 48)
    return [
        Stage("glide.views", "images.view_dataset", views, 0.1, resumes=True, gigabytes=0.15),
        Stage("glide.network", "train.glide", network, 0.8, reads, resumes=True),
        Stage("glide.weights", "train.export_glide", (Read(GLIDE_CHECKPOINT), "--out", Write(GLIDE)), 0.001),
    ]
