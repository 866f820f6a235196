# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts/bench runs in the worker's Python for views: CPU time of one, by mode, as one line of JSON.

The small model's object from one side of the official turntable, 64 x 64 pixels; what all views share (the mesh, the
first look at the cube) is measured apart.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch  # noqa: E402

from blender_text3d.engine.generate import Engine, Recipe  # noqa: E402
from blender_text3d.engine.shap_e.rendering.stf import Surface  # noqa: E402
from blender_text3d.engine.shap_e.rendering.turntable import OFFICIAL  # noqa: E402
from blender_text3d.engine.shap_e.rendering.views import viewer_of  # noqa: E402
from blender_text3d.engine.shap_e.rendering.volume import Volume  # noqa: E402
from scripts.bench.engine import PROMPT, SEED, Row, alternated, row  # noqa: E402

MODEL = "mini/shap-e"
DRAWINGS = {"stf": Surface(), "nerf, empty space skipped": Volume(), "nerf, everywhere": Volume(skip_grid=None)}
VIEW = 3


def main(repeats: int) -> None:
    """One object, then every way to look at it in turn."""
    engine = Engine()
    recipe = Recipe(PROMPT, MODEL, SEED, steps=12, guidance=1.5, grid=64)
    for _ in (steps := Kept(engine.generate(recipe))):
        pass
    latent, model = torch.from_numpy(steps.result.latent), engine.load(MODEL, "cpu")
    ways = {name: lambda drawing=drawing: times_s(model, latent, drawing) for name, drawing in DRAWINGS.items()}
    print(json.dumps(rows_of(alternated(ways, repeats))))


class Kept:
    """A generator whose return value stays in `result`."""

    def __init__(self, steps):
        self._steps = steps

    def __iter__(self):
        self.result = yield from self._steps


def times_s(model, latent: torch.Tensor, drawing: Surface | Volume) -> dict[str, float]:
    """CPU seconds of what all views share, and of one view."""
    cameras = OFFICIAL.cameras()
    view, shared_s = timed(lambda: viewer_of(model, latent, drawing, None))
    return {"shared": shared_s, "view": timed(lambda: view(cameras, VIEW))[1]}


def timed(work: Callable) -> tuple[object, float]:
    """What the work gave, and its CPU seconds."""
    before = time.process_time()
    return work(), time.process_time() - before


def rows_of(runs: dict[str, list[dict]]) -> list[Row]:
    """Two rows a way, medians over its runs."""
    return [
        row(f"views, {name}: {what}", median(run[part] for run in runs[name]), "CPU s")
        for name in runs
        for part, what in (("shared", "shared by all views"), ("view", "one of 64 x 64"))
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]))
