# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the CPU time of one view by mode; print one line of JSON. scripts/bench runs it with the worker's Python.

The view shows the small model's object from one side of the official turntable, 64 x 64 pixels; the work that all views
share (the mesh, the occupancy grid) is measured separately.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.shap_e.rendering.stf import STFSettings
from blender_text3d.engine.shap_e.rendering.turntable import OFFICIAL
from blender_text3d.engine.shap_e.rendering.views import view_renderer
from blender_text3d.engine.shap_e.rendering.volume import NeRFSettings
from scripts.bench.engine import PROMPT, SEED, Row, alternate, row

MODEL = "mini/shap-e"
RENDER_SETTINGS = {
    "stf": STFSettings(),
    "nerf, empty space skipped": NeRFSettings(),
    "nerf, everywhere": NeRFSettings(skip_grid=None),
}
VIEW = 3


def main(repeats: int) -> None:
    """Generate one object, then measure every mode in turn."""
    engine = Engine()
    recipe = Recipe(PROMPT, MODEL, SEED, steps=12, guidance=1.5, grid=64)
    for _ in (steps := ResultKeeper(engine.generate(recipe))):
        pass
    latent, model = torch.from_numpy(steps.result.latent), engine.load(MODEL, "cpu")
    measurements = {
        name: lambda settings=settings: times_s(model, latent, settings) for name, settings in RENDER_SETTINGS.items()
    }
    print(json.dumps(view_rows(alternate(measurements, repeats))))


class ResultKeeper:
    """A generator whose return value is kept in `result`."""

    def __init__(self, steps):
        self._steps = steps

    def __iter__(self):
        self.result = yield from self._steps


def times_s(model, latent: torch.Tensor, settings: STFSettings | NeRFSettings) -> dict[str, float]:
    """Return the CPU seconds of the work that all views share, and of one view."""
    cameras = OFFICIAL.cameras()
    view, shared_s = timed(lambda: view_renderer(model, latent, settings, None))
    return {"shared": shared_s, "view": timed(lambda: view(cameras, VIEW))[1]}


def timed(work: Callable) -> tuple[object, float]:
    """Return the result of some work and its CPU seconds."""
    before = time.process_time()
    return work(), time.process_time() - before


def view_rows(runs: dict[str, list[dict]]) -> list[Row]:
    """Return two rows per mode, medians over its runs."""
    return [
        row(f"views, {name}: {what}", median(run[part] for run in runs[name]), "CPU s")
        for name in runs
        for part, what in (("shared", "shared by all views"), ("view", "one of 64 x 64"))
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]))
