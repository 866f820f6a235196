# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's door without its networks: does what the prompt says, so that the worker around it can be tested.

The prompt's words are commands, "loud" or "hang-in-sample" for instance; other words are ignored. It stands in for
blender_text3d.engine.generate and .device in sys.modules, in this process or in the one that scripted_python makes.
"""

import ctypes
import os
import subprocess
import sys
import time
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
    views: int = 0
    view_mode: str = "stf"
    view_size: int = 128


@dataclass(frozen=True)
class Step:
    stage: str
    index: int
    total: int
    geometry: PointCloud | Mesh | None = None
    sigma: float | None = None
    notice: str | None = None
    input_image: np.ndarray | None = None
    result: SimpleNamespace | None = None


class EmptySurface(Exception):
    pass


class HangsWhenWritten:
    """A latent that is never ready."""

    def __array__(self, *args, **kwargs):
        hang()


class Engine:
    def __init__(self):
        self.loads = 0
        self.batches = []

    def load(self, model, device):
        self.loads += 1
        return SimpleNamespace(device=f"cpu:{self.loads}", sha256="0" * 64)

    def generate_batch(self, recipes):
        self.batches.append([recipe.prompt for recipe in recipes])
        everyone = [(which, recipe, recipe.prompt.split()) for which, recipe in enumerate(recipes)]
        for which, _, words in everyone:
            yield which, Step("load", 1, 1)
            obey(words, "start")
        for which, recipe, words in everyone:
            notice = "“flying” is not a word I know." if "flying" in words else None
            yield which, Step("sample", 0, recipe.steps, notice=notice)
        for index in range(1, recipes[0].steps + 1):
            for _, _, words in everyone:
                obey(words, "sample")
                if len(recipes) > next((int(word[5:]) for word in words if word.startswith("fits-")), len(recipes)):
                    fail(MemoryError())
            for which, _, _ in everyone:
                yield which, Step("sample", index, recipes[0].steps, geometry=CLOUD, sigma=1 / index)
        for which, recipe, words in everyone:
            obey(words, "mesh")
            yield which, Step("mesh", 1, 1)
            yield which, Step("made", 1, 1, result=result_of(recipe, words))


def result_of(recipe, words):
    latent = HangsWhenWritten() if "hang-in-export" in words else np.full(8, recipe.seed % 97, np.float32)
    return SimpleNamespace(
        mesh=None if recipe.outputs == "cloud" else TETRAHEDRON,
        cloud=None if recipe.outputs == "mesh" else CLOUD,
        latent=latent,
        weights_sha256="0" * 64,
        views=None,
    )


def validated(result, recipe):
    return fail(EmptySurface("Nothing came out for 'it'; try another seed.")) if "empty" in recipe.prompt else result


def batch_key(recipe):
    return recipe.model, recipe.steps, recipe.guidance, recipe.solver, recipe.device, recipe.latent is None


def pick_device(wanted):
    return SimpleNamespace(type="cpu")


def device_name(device):
    return f"scripted {device}"


def obey(words, stage):
    """Do what the prompt says about this stage."""
    if f"hang-in-{stage}" in words:
        hang()
    if f"die-in-{stage}" in words:
        os.kill(os.getpid(), 9)
    if f"crash-in-{stage}" in words:
        fail(RuntimeError(f"broken {stage}"))
    if stage == "sample":
        for word in words:
            DURING_SAMPLE.get(word, lambda: None)()


def hang():
    time.sleep(600)


def shout():
    print("python says hello")
    os.write(1, b"descriptor 1 says hello\n")
    os.write(2, b"descriptor 2 says hello\n")
    ctypes.CDLL(None).printf(b"C says hello\n")
    subprocess.run([sys.executable, "-c", "print('a child says hello')"], check=True)


def fail(error):
    raise error


DURING_SAMPLE = {
    "loud": shout,
    "slow": lambda: time.sleep(0.02),
    "crash": lambda: fail(RuntimeError("the shapes (2, 3) and (4, 5) do not fit\nsecond line")),
    "oom-cpu": lambda: fail(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried …")),
    "oom-python": lambda: fail(MemoryError()),
    "oom-onednn": lambda: fail(RuntimeError("could not create a primitive")),
    "oom-safetensors": lambda: fail(
        ValueError("could not determine the shape of object type 'torch.storage.UntypedStorage'")
    ),
    "oom-gpu": lambda: fail(type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory. Tried to allocate …")),
    "no-file": lambda: open("/nowhere/vocabulary.json"),
    "no-package": lambda: fail(ModuleNotFoundError("No module named 'scipy'")),
    "reads-stdin": lambda: fail(RuntimeError(f"stdin gave {sys.stdin.read()!r}")),
}
