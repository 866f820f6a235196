# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of the engine without networks, controlled by the prompt, to test the worker around it.

The words of the prompt are commands, such as "loud" or "hang-in-sample"; unknown ones are ignored. It replaces
blender_text3d.engine.generate and .device in sys.modules, in this process or in the one that scripted_python starts.
"""

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from blender_text3d.geometry import Mesh, PointCloud

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
COLORS = np.array([[0, 0.02, 0.5], [1, 0.2, 0.1], [0.5, 0.5, 0.5], [0.9, 0.8, 0.7]], np.float32)
TETRAHEDRON = Mesh(CORNERS, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32), COLORS)
CLOUD = PointCloud(CORNERS, COLORS)


@dataclass(frozen=True)
class Recipe:
    prompt: str
    model: str
    seed: int
    steps: int
    guidance: float
    grid: int
    outputs: str
    device: str = "auto"
    solver: str = "dpm++2m"
    image: Path | None = None
    latent: Path | None = None
    object: Path | None = None
    views: int = 0
    view_mode: str = "stf"
    view_size: int = 128
    image_model: str = ""
    candidates: int = 1
    keep_steps: bool = False
    face_budget: int = 0
    step: int = 0

    @property
    def encodes(self):
        return self.object is not None and self.latent is None


@dataclass(frozen=True)
class Step:
    stage: str
    index: int
    total: int
    preview: Callable[[], PointCloud | Mesh] | None = None
    sigma: float | None = None
    notice: str | None = None
    input_image: np.ndarray | None = None
    result: SimpleNamespace | None = None
    candidates: np.ndarray | None = None
    choice: SimpleNamespace | None = None
    pictures: Callable[[], np.ndarray] | None = None
    distances: Callable[[], np.ndarray] | None = None


class EmptySurface(Exception):
    def __init__(self, prompt, seed):
        super().__init__(f"no surface for {prompt!r} with seed {seed}")
        self.prompt, self.seed = prompt, seed


class HangsWhenWritten:
    """A latent that blocks when it is saved."""

    def __array__(self, *args, **kwargs):
        hang()


class Engine:
    def __init__(self):
        self.loads = 0
        self.batches = []

    def load(self, model, device, *, encodes=False):
        self.loads += 1
        return SimpleNamespace(device=f"cpu:{self.loads}", sha256="0" * 64)

    def generate_batch(self, recipes):
        self.batches.append([recipe.prompt for recipe in recipes])
        batch = [(place, recipe, recipe.prompt.split()) for place, recipe in enumerate(recipes)]
        for place, _, commands in batch:
            yield place, Step("load", 1, 1)
            run_commands(commands, "start")
        for place, recipe, commands in batch:
            notice = "“flying” is not a word I know." if "flying" in commands else None
            yield place, Step("sample", 0, recipe.steps, notice=notice)
        for place, recipe, _ in batch:
            if recipe.image_model and recipe.image is None:
                yield from ((place, step) for step in view_steps(recipe))
        for index in range(1, recipes[0].steps + 1):
            for _, _, commands in batch:
                run_commands(commands, "sample")
                if len(recipes) > next(
                    (int(command[5:]) for command in commands if command.startswith("fits-")), len(recipes)
                ):
                    fail(MemoryError())
            for place, _, _ in batch:
                yield place, Step("sample", index, recipes[0].steps, preview=lambda: CLOUD, sigma=1 / index)
        for place, recipe, commands in batch:
            run_commands(commands, "mesh")
            yield place, Step("mesh", 1, 1)
            yield place, Step("made", 1, 1, result=result_of(recipe, commands))


def view_steps(recipe):
    """Candidates of different grays, of which the last is chosen."""
    count = recipe.candidates
    pictures = np.stack([np.full((8, 8, 3), 20 * (index + 1), np.uint8) for index in range(count)])
    yield Step("choose", 0, count, candidates=pictures)
    scores = tuple(0.1 * (index + 1) for index in range(count))
    yield Step("choose", count, count, choice=SimpleNamespace(index=count - 1, scores=scores, scored_by="CLIP"))


def result_of(recipe, commands):
    nothing = dict.fromkeys(("mesh", "cloud", "latent", "views", "step_latents"))
    nothing |= {"step_geometry": (), "latent_sha256": ""}
    if recipe.outputs == "view":
        return SimpleNamespace(**nothing, weights_sha256="0" * 64)
    if recipe.outputs == "steps":
        return SimpleNamespace(**nothing | {"step_geometry": (TETRAHEDRON,) * recipe.steps}, weights_sha256="0" * 64)
    latent = HangsWhenWritten() if "hang-in-export" in commands else np.full(8, recipe.seed % 97, np.float32)
    return SimpleNamespace(
        mesh=None if recipe.outputs == "cloud" else TETRAHEDRON,
        cloud=None if recipe.outputs == "mesh" else CLOUD,
        latent=latent,
        weights_sha256="0" * 64,
        latent_sha256="",
        views=None,
        step_latents=np.zeros((recipe.steps, 8), np.float16) if recipe.keep_steps else None,
        step_geometry=(),
    )


def validated(result, recipe):
    return fail(EmptySurface(recipe.prompt, recipe.seed)) if "empty" in recipe.prompt else result


def batch_key(recipe):
    return recipe.model, recipe.steps, recipe.guidance, recipe.solver, recipe.device, recipe.latent is None


def pick_device(wanted):
    return SimpleNamespace(type="cpu")


def device_name(device):
    return f"scripted {device}"


def run_commands(commands, stage):
    """Run the commands of a prompt for this stage."""
    if f"hang-in-{stage}" in commands:
        hang()
    if f"die-in-{stage}" in commands:
        os.kill(os.getpid(), 9)
    if f"crash-in-{stage}" in commands:
        fail(RuntimeError(f"broken {stage}"))
    if stage == "sample":
        for command in commands:
            DURING_SAMPLE.get(command, lambda: None)()


def hang():
    time.sleep(600)


def print_everywhere():
    print("python says hello")
    os.write(1, b"descriptor 1 says hello\n")
    os.write(2, b"descriptor 2 says hello\n")
    ctypes.CDLL(None).printf(b"C says hello\n")
    subprocess.run([sys.executable, "-c", "print('a child says hello')"], check=True)


def fail(error):
    raise error


DURING_SAMPLE = {
    "loud": print_everywhere,
    "slow": lambda: time.sleep(0.02),
    "crash": lambda: fail(RuntimeError("the shapes (2, 3) and (4, 5) do not fit\nsecond line")),
    "oom-cpu": lambda: fail(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried …")),
    "oom-python": lambda: fail(MemoryError()),
    "oom-onednn": lambda: fail(RuntimeError("could not create a primitive")),
    "oom-safetensors": lambda: fail(
        ValueError("could not determine the shape of object type 'torch.storage.UntypedStorage'")
    ),
    "oom-gpu": lambda: fail(type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory. Tried to allocate …")),
    "no-file": lambda: Path("/nowhere/vocabulary.json").read_text(),
    "no-package": lambda: fail(ModuleNotFoundError("No module named 'scipy'")),
    "reads-stdin": lambda: fail(RuntimeError(f"stdin gave {sys.stdin.read()!r}")),
}
