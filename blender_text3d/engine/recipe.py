# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the engine, what it yields on the way and what it returns."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..geometry import Mesh, PointCloud, Views


@dataclass(frozen=True)
class Recipe:
    """All that decides a result.

    Attributes:
        prompt: what to make.
        model: name of a model, e.g. "mini/shap-e".
        seed: the same seed gives the same object on the same machine.
        steps: denoising steps.
        guidance: classifier-free guidance scale; 1 is none.
        grid: lattice points a side for the mesh.
        outputs: "mesh", "cloud" or "both".
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        solver: "dpm++2m", one evaluation of the network a step, or "heun", the official one, two.
        image: a picture to make the object of.
        latent: a file with a latent to decode, instead of sampling one.
        views: pictures to render all around the object.
        view_mode: "stf" renders the mesh, "nerf" the field.
        view_size: their side in pixels.
    """

    prompt: str
    model: str
    seed: int
    steps: int
    guidance: float
    grid: int
    outputs: str = "mesh"
    device: str = "auto"
    solver: str = "dpm++2m"
    image: Path | None = None
    latent: Path | None = None
    views: int = 0
    view_mode: str = "stf"
    view_size: int = 128


@dataclass(frozen=True)
class Step:
    """News from a running stage.

    Attributes:
        stage: "load", "sample", "mesh" …
        index: steps done, from 1.
        of: steps of this stage.
        geometry: how the object looks so far, in model space, where this step has something to show.
        sigma: the noise level, of a denoising step.
        notice: a sentence for the user.
        picture: [H, W, 3] uint8 sRGB, what the model sees of an image.
        result: what was made, in the last step of a recipe, "made".
    """

    stage: str
    index: int
    of: int
    geometry: PointCloud | Mesh | None = None
    sigma: float | None = None
    notice: str | None = None
    picture: np.ndarray | None = None
    result: "Result | None" = None


@dataclass(frozen=True)
class Result:
    """What a recipe made.

    Attributes:
        mesh: in model space, or None if not asked for. One without faces says that nothing came out.
        cloud: in model space, or None if not asked for.
        latent: [D] float32: Shap-E's latent, from which finer meshes can be made without sampling; None of Point-E.
        weights_sha256: hash of the weights file.
        device: where it ran, e.g. "cpu", "cuda:0".
        device_name: the same for people.
        views: pictures all around the object, or None if not asked for.
    """

    mesh: Mesh | None
    cloud: PointCloud | None
    latent: np.ndarray | None
    weights_sha256: str = ""
    device: str = ""
    device_name: str = ""
    views: Views | None = None


IndexedStep = tuple[int, Step]
"""A step, and which of the recipes that run together it belongs to."""

StepStream = Generator[IndexedStep, None, list[Result]]
"""A pipeline at work on some recipes; at the end it returns their results in order."""
