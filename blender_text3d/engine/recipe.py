# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's input, its steps and its results."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..geometry import Mesh, PointCloud, Views


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a result.

    Attributes:
        prompt: text of the object to generate.
        model: name of a model, e.g. "mini/shap-e".
        seed: random seed; the same seed gives the same object on the same machine.
        steps: denoising steps.
        guidance: classifier-free guidance scale; 1 disables it.
        grid: grid points per side for extracting the mesh.
        outputs: "mesh", "cloud", "both", or "view" of a three-step model.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        solver: "dpm++2m" or "euler", for very few steps, with one evaluation of the network per step, or "heun", the
            official one, with two; "distilled" for the model's distilled weights, without guidance.
        image: file of an image to generate the object from.
        latent: file of a latent to decode instead of sampling one.
        object: file of an object to encode instead of sampling a latent.
        vary: how far the result may depart from the object: 0 reproduces it, 1 ignores it.
        views: number of images to render around the object.
        view_mode: "stf" renders the mesh, "nerf" the field.
        view_size: width and height of the views in pixels.
        variation_seed, variation_strength: seed of the noise to blend in, and its share from 0 to 1.
        earlier_variations: blends before that one, as "SEED:STRENGTH,SEED:STRENGTH", or "".
        blend_prompt, blend_strength: text whose condition is blended in, and its share from 0 to 1.
        quality: "draft", "standard" or "exact", of the view; steps, guidance and solver are the object's.
        image_model: text-to-image model of a three-step model, or "".
        image_model_source: folder or hub name of that model's pipeline, or "".
        candidates: number of views, with consecutive seeds; the best becomes the object.
        negative_prompt: what the view should not show, or "".
        image_size: side of the view in pixels; 0 for the image model's own.
        keep_steps: True to return the estimates of all denoising steps, too.
        step: number of the denoising step whose estimate becomes the object; 0 for the result of the last one.
        face_budget: most faces of the mesh, which is simplified to them; 0 for all.
        guidance_every: guidance is evaluated at every n-th of the first steps, see `with_reused_guidance`; 1 for each.
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
    object: Path | None = None
    vary: float = 0.0
    views: int = 0
    view_mode: str = "stf"
    view_size: int = 128
    variation_seed: int = 0
    variation_strength: float = 0.0
    earlier_variations: str = ""
    blend_prompt: str = ""
    blend_strength: float = 0.0
    quality: str = "standard"
    image_model: str = ""
    image_model_source: str = ""
    candidates: int = 1
    negative_prompt: str = ""
    image_size: int = 0
    keep_steps: bool = False
    step: int = 0
    face_budget: int = 0
    guidance_every: int = 1

    @property
    def encodes(self) -> bool:
        """True if an object is encoded; a latent is decoded as it is."""
        return self.object is not None and self.latent is None

    @property
    def is_blend(self) -> bool:
        """True if another prompt is blended in."""
        return bool(self.blend_prompt) and self.blend_strength > 0 and self.latent is None

    @property
    def variations(self) -> list[tuple[int, float]]:
        """Seeds and strengths of the noises to blend in, in order."""
        pairs = (pair.split(":") for pair in self.earlier_variations.split(",") if pair)
        earlier = [(int(seed), float(strength)) for seed, strength in pairs]
        return [*earlier, (self.variation_seed, self.variation_strength)] if self.variation_strength else earlier


class NoSuchStep(Exception):
    """A run has no such step, or nothing can be made of it; the message is a sentence for the user."""


def require_step(step: int, total: int) -> None:
    """Raise NoSuchStep if a run of so many steps has no step of this number."""
    if step > total:
        raise NoSuchStep(f"This object has {total} steps, so there is no step {step}. Choose another step.")


Preview = Callable[[], PointCloud | Mesh]
"""Makes the object as it is at one step, in model space. Worth calling only for somebody who watches, since it may take
longer than the step."""


def ready_preview(geometry: PointCloud | Mesh) -> Preview:
    """Return a preview of geometry that exists already."""
    return lambda: geometry


@dataclass(frozen=True)
class ViewChoice:
    """The view that becomes the object.

    Attributes:
        index: its index among the candidates.
        scores: score of each candidate, None without one.
        scored_by: what gave the scores: "CLIP", "image tower", or "" for nothing.
    """

    index: int
    scores: tuple[float | None, ...]
    scored_by: str = ""


@dataclass(frozen=True)
class Step:
    """Progress of a running stage.

    Attributes:
        stage: "load", "sample", "mesh" …
        index: completed steps of the stage, 0 at its start.
        total: number of steps of the stage.
        preview: makes a preview of the object, or None if the step has none.
        sigma: noise level of a denoising step, or None.
        notice: a sentence for the user, or None.
        input_image: (H, W, 3) uint8 sRGB, the image as the model sees it, or None.
        result: the result, in a recipe's last step, "made"; otherwise None.
        pictures: makes the views as they are estimated in this step, (N, H, W, 3) uint8 sRGB, or None.
        candidates: (N, H, W, 3) uint8 sRGB, the finished views, once; otherwise None.
        choice: the chosen one of these, once; otherwise None.
        distances: makes a section of the field that the surface is extracted from, or None: (SECTION, SECTION) float32,
            the signed distance in the plane x = 0 of model space, positive inside; z grows along the first axis, y
            along the second.
    """

    stage: str
    index: int
    total: int
    preview: Preview | None = None
    sigma: float | None = None
    notice: str | None = None
    input_image: np.ndarray | None = None
    result: "Result | None" = None
    pictures: Callable[[], np.ndarray] | None = None
    candidates: np.ndarray | None = None
    choice: ViewChoice | None = None
    distances: Callable[[], np.ndarray] | None = None


@dataclass(frozen=True)
class Result:
    """Output of a recipe.

    Attributes:
        mesh: mesh in model space, or None if not requested. Without faces, the model has produced no surface.
        cloud: point cloud in model space, or None if not requested.
        latent: (D,) float32, Shap-E's latent, from which finer meshes can be made without sampling; None for Point-E.
        weights_sha256: hash of the weights file.
        device: device it ran on, e.g. "cpu" or "cuda:0".
        device_name: the device's product name.
        views: images rendered around the object, or None if not requested.
        step_latents: (S, D) float16, Shap-E's estimates of the latent after each step, if they are kept; else None.
        step_geometry: Point-E's clouds after each step if they are kept, or the decoded meshes of a job that makes
            these alone, in model space.
        flaw: what is broken in a blend, as half a sentence, or "".
        latent_sha256: hash of the weights that sampled a latent that was read from a file; "" for any other.
    """

    mesh: Mesh | None
    cloud: PointCloud | None
    latent: np.ndarray | None
    weights_sha256: str = ""
    device: str = ""
    device_name: str = ""
    views: Views | None = None
    step_latents: np.ndarray | None = None
    step_geometry: tuple[Mesh | PointCloud, ...] = ()
    flaw: str = ""
    latent_sha256: str = ""


IndexedStep = tuple[int, Step]
"""A step with the index of its recipe in the batch."""

StepStream = Generator[IndexedStep, None, list[Result]]
"""A running pipeline: it yields the steps of a batch of recipes and returns their results in order."""
