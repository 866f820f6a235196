# SPDX-License-Identifier: GPL-3.0-or-later
"""Request: the complete settings of one object, from which it can be generated again.

A new setting is one field of Request: its `setting(...)` also makes the command-line flag and the panel's property.
"""

import json
import random
import re
from dataclasses import MISSING, Field, asdict, fields, replace
from pathlib import Path
from typing import Any

from ..system.lazy_dataclass import lazy_dataclass
from ..system.untrusted_files import parse_json
from .errors import BadRequest
from .face_budget import AUTO, FULL, MAX_FACES, FaceBudget, budget_text
from .input_checks import check_blend, check_inputs, check_outputs, check_view_model
from .kept_steps import KEEP_STEPS, check_steps
from .models import (
    DEFAULT_MODEL,
    DEFAULT_QUALITY,
    DISTILLED_SOLVER,
    IMAGE_MODELS,
    MODELS,
    VIEW_COUNTS,
    VIEW_MODES,
    ModelInfo,
)
from .samplings import default_solver, is_distilled, sampling_of, undistilled_sampling
from .setting import Setting, setting
from .stored_names import from_stored, to_stored
from .validation import Choice, Flag, FloatRange, IntRange, Pattern, Text, check_choice, clean_prompt, truncated_repr

SEEDS = 2**31
MAX_RESULTS = 100
MAX_VIEWS = 360
MAX_STEP = 4000
ROTATIONS_DEG = (0, 90, 180, 270)
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?", re.ASCII)
COMPARISON = re.compile(r"[a-z0-9-]{0,40}")
VARIATIONS = re.compile(r"|\d{1,10}:[01](\.\d{1,6})?(,\d{1,10}:[01](\.\d{1,6})?){0,31}", re.ASCII)
VIEWER = re.compile(
    r"|spawn|rerun\+https?://(?P<host>\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?(/proxy)?", re.ASCII | re.IGNORECASE
)
"""Narrow, so that all URL parsers find the same host: they differ about \\, @ and %."""


@lazy_dataclass(frozen=True, kw_only=True)
class Request:
    """One object to generate, with a value for every setting.

    Attributes:
        prompt: One line of text.
        model: A name in MODELS.
        seed: Seed of the noise, 0 to 2**31 - 1.
        outputs: "mesh", "cloud", "both", or "view" of a three-step model, for the views alone.
        quality: A quality of the model, which sets steps, guidance and grid unless they are chosen.
        steps: Denoising steps.
        guidance: Classifier-free guidance scale.
        grid: Grid points per side for extracting the mesh.
        size_m: Longest side in meters of the imported object and of exported files.
        device: "auto", "cpu", "mps", "cuda" or "cuda:1".
        viewer: Rerun viewer: "" for a recording only, "spawn" for a new viewer, or an address
            "rerun+http://host:port/proxy".
        image: Image to generate the object from, or "": a path, and in a job folder the name of the job's copy.
        latent: latent.npz of the same model to decode instead of sampling, or "": path or name as for `image`.
        object: Object to encode instead of sampling, or "": path or name as for `image`.
        vary: How far the result may depart from that object: 0 reproduces it, 1 follows only the prompt or the image.
        views: Number of images to render around the object; 0 for none.
        view_mode: "stf" renders the mesh, "nerf" the field.
        view_size: Side of these images in pixels.
        solver: "distilled" for weights that need a few steps without guidance; "euler" for a few first-order steps over
            chosen noise levels; "" for that of the quality: 2M or, for exact, Heun.
        comparison: Name shared by requests whose recordings are merged, or "".
        rotation_deg: Rotation about Z of the imported object and of exported files, counterclockwise seen from above.
        max_faces: Face limit of the imported mesh, applied by a modifier; 0 for none.
        face_budget: Number of faces to which the worker simplifies the mesh: "auto" for that of the quality, "full" for
            all, or digits.
        is_flat: True if the imported mesh is shaded flat.
        variation_seed: Seed of the noise that the seed's own noise is blended with.
        variation_strength: Share of that noise: 0 for none, 1 for nothing else.
        earlier_variations: Blends applied before that one, as "SEED:STRENGTH,SEED:STRENGTH", or "".
        blend_prompt: Prompt whose condition is blended with that of the prompt, or "".
        blend_strength: Share of that condition: 0 for none, 1 for nothing else.
        image_model: Text-to-image model of a three-step model, of IMAGE_MODELS; "" for its own.
        image_model_source: Folder or hub name of a diffusers pipeline, or "".
        candidates: Number of views of a three-step model, with consecutive seeds; the best becomes the object.
        negative_prompt: One line of text that the view should not show, or "".
        image_size: Side of the view in pixels, a multiple of 64, for a diffusers pipeline; 0 for the pipeline's own.
        keep_steps: "always" keeps the estimate after each denoising step in the job folder, "auto" does if all of them
            are small, "never" does not.
        step: Denoising step whose estimate becomes the object, of the run or of the steps.npz given as `latent`; 0 for
            the result.
        guidance_every: In the first half of the steps, guidance is evaluated at every n-th one and reused at those
            between; 1 for each step, as in exact quality.

    Raises:
        BadRequest: A value is not accepted; the message says which, and what is.
    """

    prompt: str
    model: str = setting(
        DEFAULT_MODEL, name="model", flags=("--model",), help=f"one of {', '.join(MODELS)}", property="model"
    )
    seed: int = setting(name="seed", allowed=IntRange(0, SEEDS - 1))
    outputs: str = setting(
        "mesh",
        name="output",
        flags=("--result", "--outputs"),
        help="mesh, cloud, both, or view of a three-step model",
        property="outputs",
    )
    quality: str = setting(
        DEFAULT_QUALITY, name="quality", flags=("--quality",), help="draft, standard or exact", property="quality"
    )
    steps: int = setting(
        name="number of steps",
        allowed=IntRange(1, 1000),
        flags=("--steps",),
        help="denoising steps (set by quality)",
        property="steps",
    )
    guidance: float = setting(
        name="guidance",
        allowed=FloatRange(0, 100),
        flags=("--guidance",),
        help="how closely the object follows the prompt (set by quality)",
        property="guidance",
    )
    grid: int = setting(
        name="grid",
        allowed=IntRange(8, 512),
        flags=("--grid",),
        help="grid points per side for surface extraction (set by quality)",
        property="grid",
    )
    size_m: float = setting(
        1.0,
        name="size in meters",
        allowed=FloatRange(0.001, 1000),
        flags=("--size",),
        help="longest side in meters, or auto for that of a real object of the kind",
        property="size_m",
    )
    device: str = setting(
        "auto", name="device", allowed=Pattern(DEVICE, "auto, cpu, mps, cuda, cuda:1 …"), property="device"
    )
    viewer: str = setting(
        "", name="viewer", allowed=Pattern(VIEWER, 'nothing, "spawn" or an address that begins with rerun+http://')
    )
    image: str = setting(
        "", name="image", allowed=Text(), flags=("--image",), help="image file, for models that take one"
    )
    latent: str = setting(
        "", name="latent", allowed=Text(), flags=("--latent",), help="latent.npz of a job, to decode without sampling"
    )
    object: str = setting(
        "",
        name="object",
        allowed=Text(),
        flags=("--object",),
        help="GLB, OBJ, PLY or STL file of an object to encode without sampling",
    )
    vary: float = setting(
        0.0,
        name="strength of the variation",
        allowed=FloatRange(0, 1),
        flags=("--vary",),
        help="with --object, how far to depart from it toward the prompt or image, 0 to 1; 0 reproduces it (0.0)",
    )
    views: int = setting(
        0,
        name="number of views",
        allowed=IntRange(0, MAX_VIEWS),
        flags=("--views",),
        help="images to render around the object",
    )
    view_mode: str = setting(
        "stf",
        name="view mode",
        allowed=Choice(VIEW_MODES),
        flags=("--view-mode",),
        help="stf renders the mesh, nerf the field",
    )
    view_size: int = setting(
        128,
        name="size of the views",
        allowed=IntRange(16, 1024),
        flags=("--view-size",),
        help="side of these images in pixels",
    )
    solver: str = setting("", name="solver")
    comparison: str = setting(
        "", name="comparison", allowed=Pattern(COMPARISON, "lowercase letters, digits and hyphens")
    )
    rotation_deg: int = setting(
        0,
        name="rotation",
        allowed=Choice(ROTATIONS_DEG),
        flags=("--rotation", "--turn"),
        help="rotation about Z in degrees, counterclockwise seen from above",
        property="turn",
        is_scene_only=True,
    )
    max_faces: int = setting(
        0,
        name="number of faces",
        allowed=IntRange(0, MAX_FACES),
        flags=("--max-faces", "--most-faces"),
        help="face limit in .blend, applied by a modifier",
        property="most_faces",
        label="Max Faces",
        description="Limit the faces of new objects with a Decimate modifier, which you can change or remove. "
        "0 means unlimited",
        ui={"soft_max": 50_000, "step": 500},
        is_scene_only=True,
    )
    face_budget: str = setting(
        FULL,
        name="face budget",
        allowed=FaceBudget(),
        flags=("--face-budget",),
        help="faces of the mesh: auto (by quality: 3000, 10000 or 40000), full, or a number",
        property="face_budget",
    )
    is_flat: bool = setting(
        False,
        name="flat shading",
        allowed=Flag(),
        flags=("--flat",),
        help="flat shading in .blend",
        property="is_flat",
        label="Shade Flat",
        description="Show the faces of new objects with hard edges. Shade Smooth reverts it",
        is_scene_only=True,
    )
    variation_seed: int = setting(
        0,
        name="variation seed",
        allowed=IntRange(0, SEEDS - 1),
        flags=("--variation-seed",),
        help="seed of the noise to blend in",
        property="variation_seed",
        label="Variation Seed",
        description="Seed of the noise that is blended with the noise of the seed",
    )
    variation_strength: float = setting(
        0.0,
        name="variation strength",
        allowed=FloatRange(0, 1),
        flags=("--variation-strength",),
        help="share of that noise, 0 to 1: 0.2 keeps most of the object (0.0)",
        property="variation_strength",
        label="Variation",
        description="Share of the noise that comes from the variation seed, if the seed is locked. 0 means none",
        ui={"subtype": "FACTOR", "precision": 2},
    )
    earlier_variations: str = setting(
        "",
        name="list of earlier variations",
        allowed=Pattern(VARIATIONS, "SEED:STRENGTH pairs such as 17:0.3,5:0.2"),
        flags=("--earlier-variations",),
        help="blends before that one: SEED:STRENGTH,…",
        property="earlier_variations",
    )
    blend_prompt: str = setting(
        "", name="prompt to blend in", allowed=Text(), flags=("--blend-prompt",), help="prompt to blend in"
    )
    blend_strength: float = setting(
        0.0,
        name="share of the prompt to blend in",
        allowed=FloatRange(0, 1),
        flags=("--blend-strength",),
        help="share of that prompt, 0 to 1 (0.0)",
    )
    image_model: str = setting(
        "",
        name="image model",
        allowed=Text(),
        flags=("--image-model",),
        help=f"text-to-image model of a three-step model: {', '.join(IMAGE_MODELS)} (its own)",
    )
    image_model_source: str = setting(
        "",
        name="source of the image model",
        allowed=Text(),
        flags=("--image-model-source",),
        help="folder or hub name of a diffusers pipeline",
    )
    candidates: int = setting(
        1,
        name="number of candidates",
        allowed=Choice(VIEW_COUNTS),
        flags=("--candidates",),
        help="views that a three-step model makes, of which it takes the best",
    )
    negative_prompt: str = setting(
        "",
        name="negative prompt",
        allowed=Text(),
        flags=("--negative-prompt",),
        help="what the view should not show, for diffusers pipelines that take one",
    )
    image_size: int = setting(
        0,
        name="size of the view",
        allowed=IntRange(0, 2048),
        flags=("--image-size",),
        help="side of the view in pixels, for diffusers pipelines (the pipeline's own)",
    )
    keep_steps: str = setting(
        "auto",
        name="choice of steps to keep",
        allowed=Choice(KEEP_STEPS),
        flags=("--keep-steps",),
        help="keep each denoising step in the job: always, never, or auto if they are small",
        property="keep_steps",
        label="Keep Steps",
        description="Keep each denoising step in the folder of the job, to look at it later",
        ui={
            "items": (
                ("auto", "If Small", "Mini models: 0.1 MB per object or less. Point-E: 1 MB. Shap-E: not kept"),
                ("always", "Always", "Shap-E, too: 2 MB for each step of each object"),
                ("never", "Never", "Objects of new jobs have no steps to look at"),
            )
        },
    )
    step: int = setting(
        0,
        name="step",
        allowed=IntRange(0, MAX_STEP),
        flags=("--step",),
        help="make the object of this denoising step, of the run or of --latent JOB/steps.npz (the last)",
    )
    guidance_every: int = setting(
        1,
        name="interval of guidance",
        allowed=IntRange(1, 8),
        flags=("--guidance-every",),
        help="in the first half of the steps, evaluate guidance at every n-th one (set by quality; 1 with --steps)",
    )

    def __post_init__(self) -> None:
        """Check every value."""
        if not isinstance(self.prompt, str) or self.prompt != clean_prompt(self.prompt):
            raise BadRequest(
                f"The prompt {truncated_repr(self.prompt)} is not one line of text. Generate the object again."
            )
        sampling_of(self.model, self.quality)
        model, is_copy = MODELS[self.model], bool(self.object) and not self.vary
        check_outputs(model, self.outputs, has_input=bool(self.image or self.latent or self.views))
        check_choice("solver", self.solver, model.solvers)
        for name, description in SETTINGS.items():
            if description.allowed:
                description.allowed.check(description.name, getattr(self, name))
        check_inputs(
            model,
            image=self.image,
            latent=self.latent,
            views=self.views,
            object_file=self.object,
            vary=self.vary,
            step=self.step,
        )
        check_steps(model, outputs=self.outputs, step=self.step, latent=self.latent, is_copy=is_copy)
        self._check_view()
        self._check_sampling(model)

    def _check_view(self) -> None:
        """Check the settings of the first of three steps, the view."""
        model = MODELS[self.model]
        chosen = next((name for name in VIEW_SETTINGS if getattr(self, name) != DEFAULTS[name]), "")
        if chosen and not model.image_model:
            raise BadRequest(
                f"{model.label} makes no view, so it takes no {SETTINGS[chosen].name}. Choose a three-step model."
            )
        check_view_model(
            model,
            image_model=self.image_model,
            source=self.image_model_source,
            negative_prompt=self.negative_prompt,
            size=self.image_size,
        )

    def _check_sampling(self, model: ModelInfo) -> None:
        """Check that the weights take the steps and the guidance, and the model the noise and the blended prompt."""
        if self.vary and self.solver == DISTILLED_SOLVER:
            raise BadRequest("The distilled weights do not vary objects. Generate the object again.")
        if self.solver == DISTILLED_SOLVER and not is_distilled(self.model, self.quality, self.steps, self.guidance):
            raise BadRequest(
                "The distilled weights take no other number of steps or guidance than those of Draft and Standard. "
                "Generate the object again."
            )
        is_fixed = self.quality == "exact" or self.solver == DISTILLED_SOLVER or self.model.startswith("reference/")
        if self.guidance_every != 1 and is_fixed:
            raise BadRequest(
                "Guidance cannot be reused between steps of this model and quality. Set its interval to 1."
            )
        if (self.variation_strength or self.earlier_variations) and not model.has_variations:
            raise BadRequest(f"{model.label} does not support variations. Set Variation to 0.")
        has_file = bool(self.image or self.object)
        check_blend(model, prompt=self.blend_prompt, strength=self.blend_strength, has_file=has_file)

    def to_values(self) -> dict[str, Any]:
        """Return all values by stored name."""
        return to_stored(asdict(self))

    @classmethod
    def from_values(cls, values: Any) -> "Request":
        """Return the request with these values, by stored name or name.

        Raises:
            BadRequest: Values are missing, unknown or not accepted.
        """
        known = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or not from_stored(values).keys() <= known:
            unknown = sorted(from_stored(values).keys() - known) if isinstance(values, dict) else type(values).__name__
            raise BadRequest(f"This version does not know {truncated_repr(unknown)} in a request. Update the add-on.")
        try:
            return cls(**from_stored(values))
        except TypeError as error:
            raise BadRequest(f"The request is incomplete ({error}). Generate the object again.") from error

    def to_json(self) -> str:
        """Return the stored values as a JSON object on one line."""
        return json.dumps(self.to_values())

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """Return the request written by `to_json`.

        Raises:
            BadRequest: The text is not such a request, or a value is not accepted.
        """
        try:
            values = parse_json(text)
        except ValueError as error:
            raise BadRequest(f"The request is not JSON ({error}). Generate the object again.") from error
        return cls.from_values(values)


_FIELDS = {name: value for name, value in vars(Request).items() if isinstance(value, Field)}
"""`fields` would compile the class, which takes longer than all other work at import."""
SETTINGS: dict[str, Setting] = {name: field.metadata["setting"] for name, field in _FIELDS.items()}
"""Every setting by its name in Request."""
VIEW_SETTINGS = ("image_model", "image_model_source", "candidates", "negative_prompt", "image_size")
"""Those of three-step models alone."""
SCENE_SETTINGS = tuple(name for name, setting in SETTINGS.items() if setting.is_scene_only)
STORED_DEFAULTS: dict[str, Any] = {
    name: None if field.default is MISSING else field.default for name, field in _FIELDS.items()
}
"""Value of each setting that a stored request lacks."""
DEFAULTS = STORED_DEFAULTS | {"face_budget": AUTO, "guidance_every": None}
"""Default by setting of new requests; None if the seed is random or the quality decides."""


def make_requests(prompt: str, *, count: int = 1, **choices: Any) -> list[Request]:
    """Return complete requests, one per result, with consecutive seeds, or variation seeds if the noise is varied.

    Args:
        prompt: The prompt; with an image or an object it may be blank, and the file's name replaces it.
        count: Number of results, 1 to MAX_RESULTS.
        choices: Fields of Request, by stored name or name. None draws a seed, or takes the quality's steps, guidance or
            grid, or the solver that suits the number of steps.

    Raises:
        BadRequest: A choice is not accepted.
        TypeError: A choice is not a field of Request.
    """
    choices = from_stored(choices)
    IntRange(1, MAX_RESULTS).check("number of results", count)
    image, object_file = choices.get("image", ""), choices.get("object", "")
    for name, value in (("prompt", prompt), ("image", image), ("object", object_file)):
        Text().check(name, value)
    values = {name: value for name, value in choices.items() if value is not None or DEFAULTS.get(name) is not None}
    model, quality = values.get("model", DEFAULT_MODEL), values.get("quality", DEFAULT_QUALITY)
    has_choice = {"steps", "guidance", "guidance_every"} & values.keys() or values.get("solver") not in (
        None,
        DISTILLED_SOLVER,
    )
    has_choice = has_choice or bool(values.get("vary"))
    sampling = undistilled_sampling(model, quality) if has_choice else sampling_of(model, quality)
    preset = {"seed": random.randrange(SEEDS), "face_budget": AUTO, **sampling._asdict()} | values
    preset["face_budget"] = budget_text(preset["face_budget"])
    if preset.get("solver") is None:
        preset["solver"] = default_solver(model, quality, preset["steps"], preset["guidance"])
    first = Request(prompt=clean_prompt(prompt.strip() or Path(image or object_file).stem), **preset)
    counted = "variation_seed" if first.variation_strength else "seed"
    return [replace(first, **{counted: (getattr(first, counted) + index) % SEEDS}) for index in range(count)]
