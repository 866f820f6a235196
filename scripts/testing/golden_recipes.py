# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes whose results golden_hashes.py hashes: both families, images, batches, refining, views, a comparison.

Only flags and keys of version 0.1.0, so that checkouts from then on can be compared. Placeholders: {image:NAME},
{latent:RECIPE}, {prompts} and {out} stand for paths.
"""

from typing import Any

POINT_E = ["--model", "mini/point-e"]
DRAFT = ["--quality", "draft"]
COMMANDS: dict[str, list[str]] = {
    "01-shap-e-draft-mesh": ["a red chair", "--seed", "7", *DRAFT],
    "02-shap-e-standard-both": ["a tall blue lamp with a yellow shade", "--seed", "11", "--result", "both"],
    "03-shap-e-exact": [
        "a green car with black wheels", "--seed", "2147483647", "--quality", "exact", "--grid", "64",
    ],
    "04-point-e-draft-both": ["a red chair", *POINT_E, "--seed", "7", *DRAFT, "--result", "both"],
    "05-point-e-standard-cloud": ["a brown table", *POINT_E, "--seed", "23", "--result", "cloud"],
    "06-point-e-exact-mesh": ["a white mug", *POINT_E, "--seed", "5", "--quality", "exact", "--grid", "48"],
    "07-count-3-batch-3": [
        "a yellow boat with a red sail", "--seed", "100", "--count", "3", "--batch", "3", *DRAFT, "--result", "both",
    ],
    "08-prompts-file-out-json": [
        "--prompts-file", "{prompts}", "--seed", "1", *DRAFT, "--grid", "40", "--json", "--out", "{out}",
    ],
    "09-image-shap-e": ["--image", "{image:drawn.png}", "--seed", "3", *DRAFT],
    "10-image-point-e": [
        "a picture", "--image", "{image:star.png}", *POINT_E, "--seed", "4", *DRAFT, "--result", "both",
    ],
    "11-refine-latent-views-stf": [
        "a red chair", "--latent", "{latent:01-shap-e-draft-mesh}", "--grid", "96", "--views", "4",
        "--view-size", "64", "--seed", "7",
    ],
    "12-views-nerf": [
        "a purple vase", "--seed", "9", *DRAFT, "--views", "2", "--view-mode", "nerf", "--view-size", "48",
    ],
    "13-compare": ["a blue robot", "--compare", "--seed", "31", *DRAFT],
    "14-batch-4-of-point-e": [
        "a pink donut", *POINT_E, "--seed", "2147483646", "--count", "4", "--batch", "4", *DRAFT, "--result", "both",
    ],
}  # fmt: skip
"""Arguments of scripts/generate.py."""

REQUESTS: dict[str, dict[str, Any]] = {
    "20-own-sampling-turn-faces-shap-e": {
        "prompt": "a red tower", "model": "mini/shap-e", "seed": 77, "outputs": "both", "quality": "standard",
        "steps": 9, "guidance": 6.0, "grid": 56, "size_m": 2.5, "turn_deg": 90, "most_faces": 500,
    },
    "21-own-sampling-point-e": {
        "prompt": "a brown dog", "model": "mini/point-e", "seed": 78, "outputs": "both", "quality": "draft",
        "steps": 7, "guidance": 4.0, "grid": 40,
    },
    "22-one-step-guidance-1": {
        "prompt": "a green cactus", "model": "mini/shap-e", "seed": 0, "outputs": "mesh", "quality": "draft",
        "steps": 1, "guidance": 1.0, "grid": 8,
    },
}  # fmt: skip
"""Requests that generate.py has no flags for; a worker gets them as queued job folders."""

DEFAULT_REQUEST: dict[str, Any] = {
    "size_m": 1.0, "device": "cpu", "viewer": "", "image": "", "latent": "", "views": 0, "view_mode": "stf",
    "view_size": 128, "comparison": "", "turn_deg": 0, "most_faces": 0,
}  # fmt: skip

BLEND = "30-batch-blend"
BLEND_FLAGS = [
    "--format", "blend,glb,ply", "--seed", "7", *DRAFT, "--result", "both", "--turn", "90", "--most-faces", "400",
]  # fmt: skip
"""Arguments of scripts/batch_generate.py inside Blender."""

PROMPTS = "# a comment\n\na red chair\na shiny dragon with a green hat\n"
BLEND_PROMPTS = "a red chair\n"
NAMES = (*COMMANDS, *REQUESTS, BLEND)


def select(prefixes: list[str]) -> list[str]:
    """Return the recipes that start with one of the prefixes, and those whose latent they need; all without any."""
    if not prefixes:
        return list(NAMES)
    names = {name for name in NAMES if name.startswith(tuple(prefixes))}
    for name in list(names):
        names |= {argument[8:-1] for argument in COMMANDS.get(name, []) if argument.startswith("{latent:")}
    return [name for name in NAMES if name in names]
