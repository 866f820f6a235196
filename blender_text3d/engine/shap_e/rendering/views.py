# SPDX-License-Identifier: GPL-3.0-or-later
"""A latent's object on a turntable, as a generator of steps."""

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
from .stf import Surface, surface_view
from .turntable import Turntable
from .volume import Volume, volume_viewer

Viewer = Callable[[Cameras, int], np.ndarray]
"""(cameras, index) -> [H, W, 4] uint8."""

DRAWINGS = {"stf": Surface(), "nerf": Volume()}
"""The two modes by the names that Shap-E has for them."""


class Decodes(Protocol):
    """A loaded model that can show a latent."""

    decoder: VectorDecoder
    device: torch.device


def render_turntable(
    model: Decodes,
    latent: Tensor,
    turntable: Turntable = Turntable(),  # noqa: B008, it is frozen
    drawing: Surface | Volume = DRAWINGS["stf"],
    mesh: Mesh | None = None,
) -> Generator[Step, None, Views]:
    """Renders views: yields a step of the stage "views" for each; to cancel is to stop pulling.

    Args:
        model: whose latent it is.
        latent: [rows * d_row] float32 on the model's device.
        turntable: where the cameras stand, and the pictures' size.
        drawing: from the mesh or by volume rendering, and how well.
        mesh: the latent's, where it is there already; else `drawing.grid` points a side make one.

    Returns:
        The pictures with their cameras.
    """
    cameras = turntable.cameras()
    yield Step("views", 0, len(cameras))
    view = viewer_of(model, latent, drawing, mesh)
    images = []
    for index in range(len(cameras)):
        images.append(view(cameras, index))
        yield Step("views", index + 1, len(cameras))
    return Views(np.stack(images), cameras)


@torch.inference_mode()
def viewer_of(model: Decodes, latent: Tensor, drawing: Surface | Volume, mesh: Mesh | None) -> Viewer:
    """What takes the pictures; the work that all views share is done here."""
    if isinstance(drawing, Surface):
        shown = mesh or raw_mesh(Field(model.decoder, latent), drawing.grid, model.device)
        return lambda cameras, index: surface_view(shown, cameras, index, drawing)
    return volume_viewer(model.decoder, Field(model.decoder, latent), drawing, model.device)


def raw_mesh(field: Field, grid: int, device: torch.device) -> Mesh:
    """The whole surface with the field's texture, specks and all, which is what the official package shows."""
    vertices, faces = extract_surface(field.signed_distance, grid=grid, device=device)
    colors = vertex_colors(field.color, vertices)
    return Mesh(vertices.cpu().numpy(), faces.to(torch.int32).cpu().numpy(), colors.cpu().numpy())
