# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Shap-E: its own networks, sampler and decoder, telling the same steps as ours."""

import copy
import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...geometry import Mesh
from ...geometry.srgb import srgb_from_linear
from ..conditioning.condition import Condition
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from ..shap_e.pipeline import FIRST_PREVIEW, PREVIEW_EVERY, PREVIEW_GRID, SIGMA_MAX, SIGMA_MIN
from ..weights.loading.load_network import load_network
from ..weights.store.required import need_model
from .clip_features import OfficialPictureReader, OfficialPromptReader, clip_tower, ready_features
from .installed import need_packages
from .seeded_rng import seeded
from .shap_e_configs import DECODER, DIFFUSION, IMAGE_PRIOR, TEXT_PRIOR, Config


@dataclass(frozen=True)
class ReferenceShapE:
    """The official networks of one pipeline.

    Attributes:
        reader: what a recipe says to the prior.
        keyword: what the official sampler calls the condition.
        sha256: of the prior's file.
    """

    reader: Callable[[Recipe], Condition]
    keyword: str
    prior: nn.Module
    decoder: nn.Module
    device: torch.device
    sha256: str = ""


def load_text(device: torch.device) -> ReferenceShapE:
    """Text to latent, and the decoder.

    Raises:
        ReferenceMissing: the official packages are not installed.
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    return loaded("shap-e/text300M", TEXT_PRIOR, OfficialPromptReader, "embeddings", device)


def load_image(device: torch.device) -> ReferenceShapE:
    """Picture to latent, and the decoder. Raises as `load_text`."""
    return loaded("shap-e/image300M", IMAGE_PRIOR, OfficialPictureReader, "images", device)


def loaded(name: str, config: Config, reader: type, keyword: str, device: torch.device) -> ReferenceShapE:
    """The pipeline around one of the priors."""
    need_packages("shap_e", "clip")
    need_model(name)
    prior = load_network(name, lambda: network(config, device), device)
    decoder = load_network("shap-e/decoder", lambda: network(DECODER, device), device)
    read = reader(clip_tower(device), device)
    return ReferenceShapE(read, keyword, prior.network, decoder.network, device, prior.sha256)


def network(config: Config, device: torch.device) -> nn.Module:
    """One of the official networks, of a configuration as the official package writes it."""
    from shap_e.models.configs import model_from_config
    from shap_e.models.generation import transformer

    with ready_features(transformer), torch.device(device):
        return model_from_config(copy.deepcopy(config), device).eval()


def make(model: ReferenceShapE, recipes: Sequence[Recipe]) -> StepStream:
    """The whole way of some recipes, one after the other: the official sampler shares one stream of noise."""
    results = []
    for which, recipe in enumerate(recipes):
        with seeded(recipe.seed):
            results.append((yield from one(model, which, recipe)))
    return results


def one(model: ReferenceShapE, which: int, recipe: Recipe) -> Generator[IndexedStep, None, Result]:
    """One recipe: yields steps of "sample" and "mesh"."""
    condition = model.reader(recipe)
    yield which, Step("sample", 0, recipe.steps, notice=condition.notice, picture=condition.picture)
    latent = yield from sampled(model, condition.values, which, recipe)
    yield which, Step("mesh", 0, 1)
    mesh = mesh_of(model.decoder, latent, recipe.grid)
    yield which, Step("mesh", 1, 1, geometry=mesh)
    return Result(mesh=mesh, cloud=None, latent=latent.cpu().numpy())


def sampled(
    model: ReferenceShapE, condition: Tensor, which: int, recipe: Recipe
) -> Generator[IndexedStep, None, Tensor]:
    """Runs the official sampler, previews included; returns the latent [D]."""
    states = official_states(model, condition, recipe)
    for state in states:
        if "i" not in state:  # the sampler's last state is the result
            return state["x"][0]
        done = state["i"] + 1
        shows = done >= FIRST_PREVIEW and done % PREVIEW_EVERY == 0 and done < recipe.steps
        preview = mesh_of(model.decoder, state["pred_xstart"][0], PREVIEW_GRID) if shows else None
        yield which, Step("sample", done, recipe.steps, preview, float(state["sigma"]))
    raise AssertionError("The official sampler ended without a result.")


def official_states(model: ReferenceShapE, condition: Tensor, recipe: Recipe) -> Generator[dict, None, None]:
    """States of the official sampler, with the settings of the official examples; it knows no other solver."""
    from shap_e.diffusion.gaussian_diffusion import diffusion_from_config
    from shap_e.diffusion.k_diffusion import karras_sample_progressive

    given = model.prior.cached_model_kwargs(1, {model.keyword: condition})
    if recipe.guidance not in (0.0, 1.0):
        given = {name: torch.cat([value, torch.zeros_like(value)]) for name, value in given.items()}
    yield from karras_sample_progressive(
        diffusion=diffusion_from_config(DIFFUSION),
        model=model.prior,
        shape=(1, model.prior.d_latent),
        steps=recipe.steps,
        clip_denoised=True,
        model_kwargs=given,
        device=model.device,
        sigma_min=SIGMA_MIN,
        sigma_max=SIGMA_MAX,
        guidance_scale=recipe.guidance,
    )


@torch.no_grad()
def mesh_of(decoder: nn.Module, latent: Tensor, grid: int, views: int = 1) -> Mesh:
    """The official decoding of a latent [D] on a lattice of `grid` points a side; specks stay.

    Args:
        decoder: an official ChannelsDecoder.
        latent: [D].
        grid: lattice points a side.
        views: pictures of 2 x 2 pixels that are rendered on the way and dropped; the official helper takes 20.
    """
    from shap_e.util.collections import AttrDict

    decoder.renderer.grid_size = grid
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that pytorch3d is not installed, which only those pictures miss
        made = decoder.renderer.render_views(
            AttrDict(cameras=small_cameras(views, latent.device)),
            params=decoder.bottleneck_to_params(latent[None]),
            options=AttrDict(rendering_mode="stf", render_with_direction=False),
        )
    return plain_mesh(made.raw_meshes[0], is_empty=not bool(made.mesh_mask[0]))


def plain_mesh(official: Any, *, is_empty: bool) -> Mesh:
    """A mesh of ours from an official TorchMesh, which has linear colours, and a triangle where there is no surface."""
    light = torch.stack([official.vertex_channels[name] for name in "RGB"], dim=1).float()
    shown = 0 if is_empty else None
    vertices, faces, light = (part[:shown].cpu().numpy() for part in (official.verts.float(), official.faces, light))
    return Mesh(vertices, faces.astype("int32"), srgb_from_linear(light))


def small_cameras(views: int, device: torch.device) -> Any:
    """Official cameras of 2 x 2 pixels around the object."""
    from shap_e.models.nn.camera import DifferentiableCameraBatch, DifferentiableProjectiveCamera

    turn = torch.linspace(0, 2 * torch.pi, views)
    ahead = torch.stack([turn.sin(), turn.cos(), torch.full_like(turn, -0.5)], dim=1)
    ahead = ahead / ahead.norm(dim=1, keepdim=True)
    right = torch.stack([turn.cos(), -turn.sin(), torch.zeros_like(turn)], dim=1)
    places = [part.to(device) for part in (-4 * ahead, right, torch.linalg.cross(ahead, right), ahead)]
    flat = DifferentiableProjectiveCamera(*places, width=2, height=2, x_fov=0.7, y_fov=0.7)
    return DifferentiableCameraBatch(shape=(1, views), flat_camera=flat)
