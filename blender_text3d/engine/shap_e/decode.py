# SPDX-License-Identifier: GPL-3.0-or-later
"""A latent, sampled just now or saved by another job, becomes a mesh and views."""

from collections.abc import Generator
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from ..recipe import Recipe, Result, Step
from .pipeline import ShapEModel, cloud_of, mesh_of
from .rendering.stf import Surface
from .rendering.turntable import Turntable
from .rendering.views import DRAWINGS, render_turntable
from .rendering.volume import Volume
from .saved_latent import SavedLatent, load_latent


class KnownShapE(ShapEModel, Protocol):
    """A loaded Shap-E that knows its weights file's hash."""

    sha256: str


def decode_again(
    model: KnownShapE,
    recipe: Recipe,
    latent_file: Path,
    turntable: Turntable | None = None,
    drawing: Surface | Volume = DRAWINGS["stf"],
) -> Generator[Step, None, Result]:
    """Decodes a latent that a job left: yields steps of the stages "mesh" and "views", returns the result.

    Args:
        model: the one that sampled the latent.
        recipe: its `grid`, `outputs` and `seed` count, the last for the cloud's points.
        latent_file: what `save_latent` wrote.
        turntable: which views to render; none without one.
        drawing: how the views are rendered.

    Returns:
        The result; a mesh without faces says that nothing came out.

    Raises:
        WrongLatent: the file holds no latent of this model.
    """
    saved = load_latent(latent_file, model.decoder.config.rows * model.decoder.config.d_row)
    if notice := notice_of_weights(saved, model.sha256):
        yield Step("mesh", 0, 1, notice=notice)
    latent = torch.from_numpy(saved.values).to(model.device)
    return (yield from decoded(model, recipe, latent, turntable, drawing))


def decoded(
    model: KnownShapE,
    recipe: Recipe,
    latent: Tensor,
    turntable: Turntable | None = None,
    drawing: Surface | Volume = DRAWINGS["stf"],
) -> Generator[Step, None, Result]:
    """Decodes a latent [D] float32 on the model's device; the rest as in `decode_again`."""
    yield Step("mesh", 0, 1)
    mesh = mesh_of(model, latent, recipe.grid)
    has_cloud = recipe.outputs in ("cloud", "both") and len(mesh.faces)
    cloud = cloud_of(model, latent, mesh, recipe.seed) if has_cloud else None
    yield Step("mesh", 1, 1, geometry=mesh)
    views = None
    if turntable is not None:
        views = yield from render_turntable(model, latent, turntable, drawing, mesh)
    numbers = latent.cpu().numpy()
    return Result(mesh=mesh, cloud=cloud, latent=numbers, views=views, weights_sha256=model.sha256)


def notice_of_weights(saved: SavedLatent, weights_sha256: str) -> str | None:
    """What the user should know where the latent belongs to other weights than those loaded, or None."""
    if saved.weights_sha256 in ("", weights_sha256):
        return None
    return f"{saved.name} was made with other weights than these, so the object may look different."
