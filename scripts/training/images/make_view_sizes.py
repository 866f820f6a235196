# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a sheet of images as CLIP sees them, at 224 x 224 pixels: of 64 pixels, as a draft draws them, and of 256.

Run as `python -m scripts.training.images.make_view_sizes OUT.png`. A row has an object of an included model, rendered
with 256 and with 64 pixels on each side, and the views that the small GLIDE draws of its prompt in each quality. What
64 pixels lose is measured at CLIP's size: the mean absolute difference (0 to 255), and the share of the pixels that
differ by more than 32.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from blender_text3d.engine.generate import Engine
from blender_text3d.engine.glide.mini import MiniGlide
from blender_text3d.engine.image.clip_preprocess import resize_and_crop
from blender_text3d.protocol.models import DEFAULT_MODEL
from blender_text3d.system.run_steps import run_steps

from .contact_sheet import contact_sheet
from .make_contact_sheet import mesh_of_prompt
from .render import render

PROMPTS = (
    "a red chair with white legs", "a yellow house with a red roof", "a white rocket with red fins", "a brown dog",
)  # fmt: skip
LARGE, SMALL = 256, 64
CLEAR_DIFFERENCE = 32
QUALITIES = ("draft", "standard", "exact")


def as_clip_sees(image: Image.Image) -> np.ndarray:
    """Return (224, 224, 3) uint8."""
    return resize_and_crop(image.convert("RGB"))


def rendered(engine: Engine, prompt: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a render of 256 and one of 64 pixels on each side, both as CLIP sees them."""
    mesh = mesh_of_prompt(engine, DEFAULT_MODEL, prompt, seed)
    surface = (mesh.vertices, mesh.faces, mesh.colors)
    large, small = (render(*surface, size=size, supersample=512 // size) for size in (LARGE, SMALL))
    return as_clip_sees(large), as_clip_sees(small)


def drawn(model: MiniGlide, prompt: str, seed: int, quality: str) -> np.ndarray:
    """Return the small GLIDE's view of a prompt as CLIP sees it."""
    views = run_steps(model.pictures([prompt], [seed], quality))
    return as_clip_sees(Image.fromarray(views[0]))


def difference(large: np.ndarray, small: np.ndarray) -> tuple[float, float]:
    """Return the mean absolute difference, and the share of pixels with a clear one."""
    distance = np.abs(large.astype(int) - small).max(axis=-1)
    return float(np.abs(large.astype(int) - small).mean()), float((distance > CLEAR_DIFFERENCE).mean())


def run(arguments: argparse.Namespace) -> None:
    """Make the sheet and print the differences."""
    engine, model, entries = Engine(), MiniGlide(torch.device("cpu")), []
    for prompt in PROMPTS:
        large, small = rendered(engine, prompt, arguments.seed)
        mean, clear = difference(large, small)
        print(f"{prompt}: mean difference {mean:.1f} of 255, clear in {clear:.1%} of the pixels")
        entries += [(f"Render, {LARGE} pixels", large), (f"Render, {SMALL} pixels", small)]
        entries += [(f"Small GLIDE, {each}", drawn(model, prompt, arguments.seed, each)) for each in QUALITIES]
    contact_sheet(entries, 2 + len(QUALITIES)).save(arguments.out, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    run(parser.parse_args())
