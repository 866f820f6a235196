# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet of what a shipped small model makes of 48 prompts.

Run as `python -m scripts.training.images.make_contact_sheet OUT.png`.
"""

import argparse
from pathlib import Path

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.protocol.models import DEFAULT_MODEL, DEFAULT_QUALITY, MODELS

from .contact_sheet import contact_sheet
from .render import render

PROMPTS = (
    "a red chair", "a blue armchair", "a wooden stool", "a tall wooden table", "a pink bed", "a green shelf",
    "a yellow lamp with a black base", "a blue mug", "a green bottle", "a purple vase",
    "a white teapot with a red lid", "an orange bowl", "a red car", "a yellow truck", "a yellow bus",
    "a white rocket with red fins", "a blue boat with a white sail", "a white plane with blue wings",
    "a yellow house with a red roof", "a stone tower", "a gray castle with blue roofs", "a green tree",
    "a green pine", "a green cactus in an orange pot", "a red mushroom", "a pink flower", "a red apple",
    "a white snowman with a blue hat", "a silver robot", "a brown dog", "a gray sword with a golden guard",
    "a gray hammer", "a golden key", "a golden crown", "a pink donut", "an orange burger", "a pink ice cream",
    "a red chair with white legs", "a wide purple armchair", "a tall blue lamp", "a short red bottle",
    "a thick green mug", "a long black car", "a cyan truck with red wheels", "a purple dragon chair",
    "a black castle", "a cyan snowman", "a blue dog",
)  # fmt: skip


def mesh_of_prompt(engine, model, prompt, seed):
    """The standard mesh of a prompt, as the add-on makes it."""
    quality = MODELS[model].qualities[DEFAULT_QUALITY]
    steps = engine.generate(Recipe(prompt, model, seed, quality.steps, quality.guidance, quality.grid))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.mesh


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--every", type=int, default=1, help="only every n-th prompt")
    arguments = parser.parse_args()
    engine, pictures = Engine(), []
    for prompt in PROMPTS[:: arguments.every]:
        mesh = mesh_of_prompt(engine, arguments.model, prompt, arguments.seed)
        pictures.append((prompt, render(mesh.vertices, mesh.faces, mesh.colors, size=arguments.size)))
    contact_sheet(pictures, 8).save(arguments.out, optimize=True)
