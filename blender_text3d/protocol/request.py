# SPDX-License-Identifier: GPL-3.0-or-later
"""Request: all that is needed to make one object, and to make it again."""

import json
import random
import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..system.untrusted_files import parse_json
from .errors import BadRequest
from .inputs import check_inputs
from .models import DEFAULT_MODEL, DEFAULT_QUALITY, MODELS, VIEW_MODES, Sampling
from .prompt import clean_prompt
from .validation import check_choice, check_float, check_int, check_pattern, check_str, truncated_repr

SEEDS = 2**31
MAX_RESULTS = 100
MAX_VIEWS = 360
MAX_FACES = 10_000_000
TURNS_DEG = (0, 90, 180, 270)
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
COMPARISON = re.compile(r"[a-z0-9-]{0,40}")
VIEWER = re.compile(
    r"|spawn|rerun\+https?://(?P<host>\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?(/proxy)?", re.ASCII | re.IGNORECASE
)
"""So narrow that every reader of addresses takes the same host from it: \\, @ and % are read in more than one way."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One object to make, every choice written out.

    Attributes:
        prompt: One line of text.
        model: A name in MODELS.
        seed: Where the noise comes from, 0 to 2**31 - 1.
        outputs: "mesh", "cloud" or "both".
        quality: A quality of the model; steps, guidance and grid came from it unless the user set them.
        steps: Denoising steps.
        guidance: Strength of the prompt.
        grid: Points along one side of the cube that the surface is read from.
        size_m: Longest side of the object in the scene, in metres.
        device: "auto", "cpu", "mps", "cuda" or "cuda:1".
        viewer: Rerun: "" for the recording alone, "spawn" for a new viewer, or the address of one
            ("rerun+http://host:port/proxy").
        image: A picture to make the object of, or "". Before there is a job, the path of a file; in a job, the name of
            its own copy.
        latent: A latent to decode again instead of sampling one, or "": a latent.npz of the same model, path and name
            as with the image.
        views: How many pictures to render all around the object; 0 for none.
        view_mode: "stf" renders the mesh, "nerf" the field.
        view_size: Side of these pictures in pixels.
        comparison: A name that requests share whose recordings belong together, or "".
        turn_deg: How far the object is turned in the scene, about the vertical, counter-clockwise seen from above: one
            of TURNS_DEG. Like size_m it is of the scene: the files in the job folder stay as the model made them.
        most_faces: Faces that the mesh may show in the scene, by a modifier; 0 for all.

    Raises:
        BadRequest: A value cannot be used; the sentence says which, and what can.
    """

    prompt: str
    model: str = DEFAULT_MODEL
    seed: int
    outputs: str = "mesh"
    quality: str = DEFAULT_QUALITY
    steps: int
    guidance: float
    grid: int
    size_m: float = 1.0
    device: str = "auto"
    viewer: str = ""
    image: str = ""
    latent: str = ""
    views: int = 0
    view_mode: str = "stf"
    view_size: int = 128
    comparison: str = ""
    turn_deg: int = 0
    most_faces: int = 0

    def __post_init__(self) -> None:
        """Check every value, so that a request that exists can be tried."""
        if not isinstance(self.prompt, str) or self.prompt != clean_prompt(self.prompt):
            raise BadRequest(
                f"The prompt {truncated_repr(self.prompt)} is not one line of text. Ask for the object again."
            )
        sampling_of(self.model, self.quality)
        check_choice("output", self.outputs, MODELS[self.model].outputs)
        check_int("seed", self.seed, 0, SEEDS - 1)
        check_int("number of steps", self.steps, 1, 1000)
        check_float("guidance", self.guidance, 0, 100)
        check_int("grid", self.grid, 8, 512)
        check_float("size in metres", self.size_m, 0.001, 1000)
        check_pattern("device", self.device, DEVICE, "auto, cpu, mps, cuda, cuda:1 …")
        check_pattern("viewer", self.viewer, VIEWER, 'nothing, "spawn" or an address that begins with rerun+http://')
        check_int("number of views", self.views, 0, MAX_VIEWS)
        check_choice("view mode", self.view_mode, VIEW_MODES)
        check_int("size of the views", self.view_size, 16, 1024)
        check_pattern("comparison", self.comparison, COMPARISON, "small letters, digits and -")
        check_turn(self.turn_deg)
        check_int("number of faces", self.most_faces, 0, MAX_FACES)
        check_inputs(MODELS[self.model], image=self.image, latent=self.latent, views=self.views)

    def to_json(self) -> str:
        """One JSON object on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """The request that to_json wrote.

        Raises:
            BadRequest: It is no such text, or asks for what cannot be made.
        """
        try:
            values = parse_json(text)
        except ValueError as error:
            raise BadRequest(f"The request is not JSON ({error}). Ask for the object again.") from error
        return cls.from_values(values)

    @classmethod
    def from_values(cls, values: Any) -> "Request":
        """The request with these values by name.

        Raises:
            BadRequest: Values are missing, unknown, or cannot be used.
        """
        known = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or not values.keys() <= known:
            strange = sorted(values.keys() - known) if isinstance(values, dict) else type(values).__name__
            raise BadRequest(f"This version does not know {truncated_repr(strange)} in a request. Update the add-on.")
        try:
            return cls(**values)
        except TypeError as error:
            raise BadRequest(f"The request is incomplete ({error}). Ask for the object again.") from error


def make_requests(
    prompt: str,
    *,
    count: int = 1,
    seed: int | None = None,
    model: str = DEFAULT_MODEL,
    quality: str = DEFAULT_QUALITY,
    steps: int | None = None,
    guidance: float | None = None,
    grid: int | None = None,
    outputs: str = "mesh",
    size_m: float = 1.0,
    device: str = "auto",
    viewer: str = "",
    image: str = "",
    latent: str = "",
    views: int = 0,
    view_mode: str = "stf",
    view_size: int = 128,
    turn_deg: int = 0,
    most_faces: int = 0,
) -> list[Request]:
    """What the user chose → complete requests, one per result, whose seeds follow each other.

    Args:
        prompt: May be blank where there is an image, whose file's name stands in for it.
        count: How many results, 1 to 100.
        seed: Of the first result; None draws one.
        steps, guidance, grid: None takes the quality's own.

    Raises:
        BadRequest: A choice cannot be used.
    """
    check_int("number of results", count, 1, MAX_RESULTS)
    check_str("prompt", prompt)
    check_str("image", image)
    usual = sampling_of(model, quality)
    first = Request(
        prompt=clean_prompt(prompt.strip() or Path(image).stem),
        model=model,
        seed=random.randrange(SEEDS) if seed is None else seed,
        outputs=outputs,
        quality=quality,
        steps=usual.steps if steps is None else steps,
        guidance=usual.guidance if guidance is None else guidance,
        grid=usual.grid if grid is None else grid,
        size_m=size_m,
        device=device,
        viewer=viewer,
        image=image,
        latent=latent,
        views=views,
        view_mode=view_mode,
        view_size=view_size,
        turn_deg=turn_deg,
        most_faces=most_faces,
    )
    return [replace(first, seed=(first.seed + index) % SEEDS) for index in range(count)]


def check_turn(turn_deg: object) -> None:
    """Refuse what is not a number of quarter turns in degrees."""
    if turn_deg not in TURNS_DEG or isinstance(turn_deg, bool | float):
        choices = ", ".join(map(str, TURNS_DEG))
        raise BadRequest(f"The turn in degrees is {truncated_repr(turn_deg)}. Choose one of: {choices}.")


def sampling_of(model: str, quality: str) -> Sampling:
    """The model's own steps, guidance and grid for a quality."""
    check_choice("model", model, MODELS)
    check_choice("quality", quality, MODELS[model].qualities)
    return MODELS[model].qualities[quality]
