# SPDX-License-Identifier: GPL-3.0-or-later
"""Time a checkout's small model on one thread; print one line of JSON. `against.py` runs it with the worker's Python.

It uses only what the engine has had since its first distilled weights, and before, so that older checkouts run it, too.
"""

import json
import sys
import time
from pathlib import Path
from statistics import median

START_S = time.perf_counter()
CHECKOUT, REPEATS, MODEL = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(CHECKOUT))

from blender_text3d.engine.generate import Engine, Recipe  # noqa: E402, the clock runs while it is imported
from blender_text3d.protocol.models import DEFAULT_QUALITY, MODELS  # noqa: E402

PROMPTS = ("a red chair with black legs", "a white mug", "a green tree", "a blue car", "a yellow teapot")
WAYS = (
    ("standard, 128", DEFAULT_QUALITY, 128, False),
    ("standard, 128, all faces", DEFAULT_QUALITY, 128, True),
    ("draft, 64", "draft", 64, False),
    ("draft, 64, all faces", "draft", 64, True),
)
"""Name, quality, grid, and whether the mesh keeps all its faces, as it did in older checkouts."""


def main(repeats: int) -> None:
    """Time the first object of this process, then each way's median object."""
    import torch

    torch.set_num_threads(1)
    engine = Engine()
    seconds_of(engine, DEFAULT_QUALITY, 128, False, 0)
    times = {"cold start to the first mesh": time.perf_counter() - START_S}
    for name, *way in WAYS:
        seconds_of(engine, *way, 0)
        times[name] = median(seconds_of(engine, *way, seed) for seed in range(repeats))
    print(json.dumps(times))


def seconds_of(engine: Engine, quality: str, grid: int, has_all_faces: bool, seed: int) -> float:
    """Generate one mesh as the worker does for this quality, or with all faces."""
    sampling = MODELS[MODEL].qualities[quality]
    options = {"steps": sampling.steps, "guidance": sampling.guidance, "grid": grid, **options_of(quality, sampling)}
    options |= {"face_budget": 0} if has_all_faces and "face_budget" in options else {}
    recipe = Recipe(PROMPTS[seed % len(PROMPTS)], MODEL, seed, **options)
    start = time.perf_counter()
    for _ in engine.generate(recipe):
        pass
    return time.perf_counter() - start


def options_of(quality: str, sampling: object) -> dict[str, object]:
    """Return the options that a checkout derives from quality and sampling, none if it is older than those."""
    try:
        from blender_text3d.protocol.face_budget import AUTO, most_faces
        from blender_text3d.protocol.samplings import default_solver
    except ImportError:
        return {}
    steps, guidance, grid = (getattr(sampling, name) for name in ("steps", "guidance", "grid"))
    solver = default_solver(MODEL, quality, steps, guidance)
    return {"face_budget": most_faces(AUTO, MODEL, quality, grid)} | ({"solver": solver} if solver else {})


if __name__ == "__main__":
    main(REPEATS)
