# SPDX-License-Identifier: GPL-3.0-or-later
"""An object file to a latent: views, points, and the encoder of the small or of the official Shap-E."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from ....system.run_steps import run_steps
from ...mini.files import SHAP_E_WEIGHTS
from ...recipe import Recipe, Step
from ...weights.loading.load_network import load_network
from ...weights.loading.load_tensors import load_float32, load_prefixed
from ..configs import MINI_DECODER, MINI_ENCODER, OFFICIAL_DECODER, OFFICIAL_ENCODER
from ..decoder import VectorDecoder
from ..encoder import PointCloudEncoder
from ..official_model import OfficialModel
from .encoder_inputs import EncoderInputs
from .free_space import drawn_distances
from .object_file import WHAT_TO_DO, BadObject, object_with_views
from .object_shape import shape_notice
from .object_views import ObjectViews, object_points, object_views, views_of
from .prepare_views import prepared_points, prepared_views
from .random_order import RandomOrder
from .refine_latent import ROUNDS, Target, refined_latent
from .transmitter import Transmitter

MINI_POINTS, MINI_SIDE, MINI_VIEWS = 4096, 256, 20
MINI_LONGEST_SIDE = 1.8
"""The small encoder was trained with objects of this size."""
SPACE_POINTS = 8192
"""Points around an object whose signed distances its latent is refined on."""
STAGE = "encode"
Value = TypeVar("Value")


def capture(
    path: Path, views: int, side: int, points: int, seed: int, total: int
) -> Generator[Step, None, tuple[ObjectViews, Tensor, Tensor]]:
    """Render an object and choose points of it; yield a step for each view, of `total` steps of the stage.

    Views that Blender rendered are taken as they are.

    Returns:
        The views, and points (N, 3) and colors (N, 3) float32 in a space where the object's longest side is 1.

    Raises:
        BadObject: the file cannot be read, or shows nothing.
    """
    yield Step(STAGE, 0, total)
    mesh, rendered = object_with_views(path)
    if notice := shape_notice(mesh, path.name):
        yield Step(STAGE, 0, total, notice=notice)
    if rendered is not None and len(rendered.images) >= views:
        shown = views_of(rendered)
    else:
        shown = yield from counted_steps(object_views(mesh, views, seed, side), total)
    if not (shown.colors[..., 3] > 0).any():
        raise BadObject(f"No view shows anything of the object {path.name}. {WHAT_TO_DO}")
    places, colors = run_steps(object_points(shown, points, seed))
    yield Step(STAGE, views + 1, total)
    return shown, torch.from_numpy(places), torch.from_numpy(colors)


def counted_steps(numbers: Generator[int, None, Value], total: int, first: int = 0) -> Generator[Step, None, Value]:
    """Yield a step of the stage for each number that a generator yields; return what it returns."""
    while True:
        try:
            yield Step(STAGE, first + next(numbers), total)
        except StopIteration as end:
            value: Value = end.value
            return value


@torch.inference_mode()
def encode_points(encoder: PointCloudEncoder, places: Tensor, colors: Tensor) -> Tensor:
    """Return the small encoder's latent (D,) float32 of points (N, 3) float32 of an object whose longest side is 1."""
    device = next(encoder.parameters()).device
    return encoder((places * MINI_LONGEST_SIDE)[None].to(device), colors[None].to(device))[0]


def encode_mini(recipe: Recipe, path: Path, device: torch.device) -> Generator[Step, None, Tensor]:
    """Encode an object with the small Shap-E: yield steps, return the latent (D,) float32.

    Raises:
        BadObject: the object cannot be encoded.
        BrokenWeights: the shipped file is corrupt.
    """
    done = MINI_VIEWS + 1
    total = done + ROUNDS
    views, places, colors = yield from capture(path, MINI_VIEWS, MINI_SIDE, MINI_POINTS, recipe.seed, total)
    tensors = load_float32(SHAP_E_WEIGHTS)
    encoder = load_prefixed(PointCloudEncoder(MINI_ENCODER), tensors, "encoder.", device)
    decoder = load_prefixed(VectorDecoder(MINI_DECODER), tensors, "decoder.", torch.device("cpu"))
    latent = encode_points(encoder, places, colors).cpu()
    steps = refined_latent(decoder, latent, target_of(views, places, colors, recipe.seed), recipe.seed)
    return (yield from counted_steps(steps, total, done)).to(device)


def target_of(views: ObjectViews, places: Tensor, colors: Tensor, seed: int) -> Target:
    """Return what a latent of the small Shap-E is refined on, of views whose space has a longest side of 1.

    Args:
        views: the object's views.
        places, colors: (N, 3) float32 points of its surface in that space, and their sRGB 0..1.
        seed: determines the points around the object.
    """
    rng, scale = np.random.default_rng(seed), MINI_LONGEST_SIDE
    points, distances = drawn_distances(places.numpy(), views, SPACE_POINTS, 1 / scale, rng)
    return Target(places * scale, colors, torch.from_numpy(points) * scale, torch.from_numpy(distances) * scale)


@dataclass(frozen=True)
class ShapEEncoder(OfficialModel):
    """The official encoder with its decoder, on one device."""

    transmitter: Transmitter
    decoder: VectorDecoder
    device: torch.device
    sha256: str

    @classmethod
    def load(cls, device: torch.device) -> "ShapEEncoder":
        """Load encoder and decoder, which are one file.

        Raises:
            MissingWeights, BrokenWeights: the checkpoint is missing or corrupt.
        """
        loaded = load_network("shap-e/encoder", lambda: Transmitter(OFFICIAL_ENCODER, OFFICIAL_DECODER), device)
        return cls(loaded.network, loaded.network.decoder, device, loaded.sha256)

    def encode(self, recipe: Recipe, path: Path) -> Generator[Step, None, Tensor]:
        """Encode an object: yield steps, return the latent (D,) float32.

        The recipe's seed determines cameras, points and the encoder's random orders.

        Raises:
            BadObject: the object cannot be encoded.
        """
        config = self.transmitter.encoder.config
        done = config.views + 1
        total = done + config.views + 2
        side = 2 * config.image_size
        shown, places, colors = yield from capture(path, config.views, side, config.points, recipe.seed, total)
        inputs = encoder_inputs(shown, places, colors, config.image_size).to(self.device)
        with torch.inference_mode():
            steps = self.transmitter.encoder.encode(inputs, RandomOrder.from_seed(recipe.seed, inputs, config))
            return torch.tanh((yield from counted_steps(steps, total, done)))


def encoder_inputs(views: ObjectViews, places: Tensor, colors: Tensor, side: int) -> EncoderInputs:
    """Return one object as the official encoder takes it."""
    prepared = prepared_views(views.lit, views.depths, views.cameras, side)
    arrays = prepared_points(places.numpy(), colors.numpy()), *vars(prepared).values()
    return EncoderInputs(*(torch.from_numpy(array)[None] for array in arrays))
