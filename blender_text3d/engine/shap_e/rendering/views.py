# SPDX-License-Identifier: GPL-3.0-or-later
"""Turntable images of a latent's object, as a generator of steps."""

from collections.abc import Callable, Generator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ....geometry import Cameras, Mesh, Views
from ...recipe import Step
from ...surface import extract_surface, vertex_colors
from ..decoder import VectorDecoder
from ..field import Field
from .stf import STFSettings, render_mesh_view
from .turntable import Turntable
from .volume import NeRFSettings, nerf_renderer

ViewRenderer = Callable[[Cameras, int], np.ndarray]
"""Renders one view: (cameras, index) -> (H, W, 4) uint8, sRGB and alpha."""

RENDER_SETTINGS: dict[str, STFSettings | NeRFSettings] = {"stf": STFSettings(), "nerf": NeRFSettings()}
"""Default settings of the two modes by Shap-E's names."""


class LatentDecoder(Protocol):
    """A loaded model that can decode a latent."""

    @property
    def decoder(self) -> VectorDecoder: ...
    @property
    def device(self) -> torch.device: ...


def render_turntable(
    model: LatentDecoder,
    latent: Tensor,
    turntable: Turntable,
    settings: STFSettings | NeRFSettings = RENDER_SETTINGS["stf"],
    mesh: Mesh | None = None,
) -> Generator[Step, None, Views]:
    """Render views: yield a step of the stage "views" for each. Close the generator to cancel.

    Args:
        model: the model that the latent belongs to.
        latent: (rows * d_row,) float32 on the model's device.
        turntable: cameras and image size.
        settings: rendering mode and its quality.
        mesh: the latent's mesh if already extracted; otherwise it is extracted with `settings.grid` points per side.

    Returns:
        The images with their cameras.
    """
    cameras = turntable.cameras()
    yield Step("views", 0, len(cameras))
    render = view_renderer(model, latent, settings, mesh)
    images = []
    for index in range(len(cameras)):
        images.append(render(cameras, index))
        yield Step("views", index + 1, len(cameras))
    return Views(np.stack(images), cameras)


@torch.inference_mode()
def view_renderer(
    model: LatentDecoder, latent: Tensor, settings: STFSettings | NeRFSettings, mesh: Mesh | None
) -> ViewRenderer:
    """Return a function that renders one view; the work that all views share is done here."""
    if isinstance(settings, STFSettings):
        shown = mesh or raw_mesh(Field(model.decoder, latent), settings.grid, model.device)
        return lambda cameras, index: render_mesh_view(shown, cameras, index, settings)
    return nerf_renderer(model.decoder, Field(model.decoder, latent), settings, model.device)


def raw_mesh(field: Field, grid: int, device: torch.device) -> Mesh:
    """Return the surface with the field's texture, including specks, as the official package renders it."""
    vertices, faces = extract_surface(field.signed_distance, grid=grid, device=device)
    colors = vertex_colors(field.color, vertices)
    return Mesh(vertices.cpu().numpy(), faces.to(torch.int32).cpu().numpy(), colors.cpu().numpy())
