# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's Shap-E package: its networks, sampler and decoder, with the same steps as this engine."""

import copy
import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ...geometry import Mesh
from ...geometry.srgb import srgb_from_linear
from ..conditioning.condition import Condition
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from ..shap_e.pipeline import FIRST_PREVIEW, PREVIEW_EVERY, PREVIEW_GRID, SIGMA_MAX, SIGMA_MIN
from ..weights.loading.load_network import load_network
from ..weights.store.required import require_model
from .clip_features import OfficialImageConditioner, OfficialTextConditioner, clip_tower, precomputed_features
from .installed import require_packages
from .seeded_rng import seeded_rng
from .shap_e_configs import DECODER, DIFFUSION, IMAGE_PRIOR, TEXT_PRIOR, Config


@dataclass(frozen=True)
class ReferenceShapE:
    """The official networks of one pipeline.

    Attributes:
        conditioner: turns a recipe into the prior's condition.
        keyword: the official sampler's name of the condition.
        sha256: hash of the prior's file.
    """

    conditioner: Callable[[Recipe], Condition]
    keyword: str
    prior: Any
    decoder: Any
    device: torch.device
    sha256: str = ""


def load_text(device: torch.device) -> ReferenceShapE:
    """Load text to latent, and the decoder.

    Raises:
        ReferenceMissing: the official packages are not installed.
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    return load("shap-e/text300M", TEXT_PRIOR, OfficialTextConditioner, "embeddings", device)


def load_image(device: torch.device) -> ReferenceShapE:
    """Load image to latent, and the decoder. Raises the same as `load_text`."""
    return load("shap-e/image300M", IMAGE_PRIOR, OfficialImageConditioner, "images", device)


def load(name: str, config: Config, conditioner: type, keyword: str, device: torch.device) -> ReferenceShapE:
    """Load the pipeline of one of the priors."""
    require_packages("shap_e", "clip")
    require_model(name)
    prior = load_network(name, lambda: network(config, device), device)
    decoder = load_network("shap-e/decoder", lambda: network(DECODER, device), device)
    condition = conditioner(clip_tower(device), device)
    return ReferenceShapE(condition, keyword, prior.network, decoder.network, device, prior.sha256)


def network(config: Config, device: torch.device) -> Any:
    """Build one of the official networks from a configuration of the official package."""
    from shap_e.models.configs import model_from_config
    from shap_e.models.generation import transformer

    with precomputed_features(transformer), torch.device(device):
        return model_from_config(copy.deepcopy(config), device).eval()


def run(model: ReferenceShapE, recipes: Sequence[Recipe]) -> StepStream:
    """Run recipes one after the other, since the official sampler uses one stream of noise."""
    results = []
    for item, recipe in enumerate(recipes):
        with seeded_rng(recipe.seed):
            results.append((yield from run_recipe(model, item, recipe)))
    return results


def run_recipe(model: ReferenceShapE, item: int, recipe: Recipe) -> Generator[IndexedStep, None, Result]:
    """Run one recipe: yield steps of "sample" and "mesh"."""
    condition = model.conditioner(recipe)
    yield item, Step("sample", 0, recipe.steps, notice=condition.notice, input_image=condition.input_image)
    latent = yield from sampled(model, condition.values, item, recipe)
    yield item, Step("mesh", 0, 1)
    mesh = mesh_of(model.decoder, latent, recipe.grid)
    yield item, Step("mesh", 1, 1)
    return Result(mesh=mesh, cloud=None, latent=latent.cpu().numpy())


def sampled(
    model: ReferenceShapE, condition: Tensor, item: int, recipe: Recipe
) -> Generator[IndexedStep, None, Tensor]:
    """Run the official sampler, including previews; return the latent (D,) float32."""
    states = official_states(model, condition, recipe)
    for state in states:
        if "i" not in state:  # the sampler's last state is the result
            return state["x"][0]
        done = state["i"] + 1
        has_preview = done >= FIRST_PREVIEW and done % PREVIEW_EVERY == 0 and done < recipe.steps
        preview = partial(mesh_of, model.decoder, state["pred_xstart"][0], PREVIEW_GRID) if has_preview else None
        yield item, Step("sample", done, recipe.steps, preview, float(state["sigma"]))
    raise AssertionError("The official sampler ended without a result.")


def official_states(model: ReferenceShapE, condition: Tensor, recipe: Recipe) -> Generator[dict, None, None]:
    """Yield states of the official sampler with the settings of the official examples; it has no other solver."""
    from shap_e.diffusion.gaussian_diffusion import diffusion_from_config
    from shap_e.diffusion.k_diffusion import karras_sample_progressive

    kwargs = model.prior.cached_model_kwargs(1, {model.keyword: condition})
    if recipe.guidance not in (0.0, 1.0):
        kwargs = {name: torch.cat([value, torch.zeros_like(value)]) for name, value in kwargs.items()}
    yield from karras_sample_progressive(
        diffusion=diffusion_from_config(DIFFUSION),
        model=model.prior,
        shape=(1, model.prior.d_latent),
        steps=recipe.steps,
        clip_denoised=True,
        model_kwargs=kwargs,
        device=model.device,
        sigma_min=SIGMA_MIN,
        sigma_max=SIGMA_MAX,
        guidance_scale=recipe.guidance,
    )


@torch.no_grad()
def mesh_of(decoder: Any, latent: Tensor, grid: int, views: int = 1) -> Mesh:
    """Run the official decoding of a latent on a grid; specks stay.

    Args:
        decoder: an official ChannelsDecoder.
        latent: (D,) float32, the latent.
        grid: grid points per side.
        views: number of 2 x 2 pixel images to render and discard; the official helper renders 20.
    """
    from shap_e.util.collections import AttrDict

    decoder.renderer.grid_size = grid
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about pytorch3d, which only the discarded images need
        outputs = decoder.renderer.render_views(
            AttrDict(cameras=small_cameras(views, latent.device)),
            params=decoder.bottleneck_to_params(latent[None]),
            options=AttrDict(rendering_mode="stf", render_with_direction=False),
        )
    return plain_mesh(outputs.raw_meshes[0], is_empty=not bool(outputs.mesh_mask[0]))


def plain_mesh(official: Any, *, is_empty: bool) -> Mesh:
    """Convert an official TorchMesh, which has linear colors, and one triangle if there is no surface."""
    light = torch.stack([official.vertex_channels[name] for name in "RGB"], dim=1).float()
    count = 0 if is_empty else None
    tensors = (official.verts.float(), official.faces, light)
    vertices, faces, colors = (tensor[:count].cpu().numpy() for tensor in tensors)
    return Mesh(vertices, faces.astype("int32"), srgb_from_linear(colors))


def small_cameras(views: int, device: torch.device) -> Any:
    """Return official cameras of 2 x 2 pixels around the object."""
    from shap_e.models.nn.camera import DifferentiableCameraBatch, DifferentiableProjectiveCamera

    angle = torch.linspace(0, 2 * torch.pi, views)
    ahead = torch.stack([angle.sin(), angle.cos(), torch.full_like(angle, -0.5)], dim=1)
    ahead = ahead / ahead.norm(dim=1, keepdim=True)
    right = torch.stack([angle.cos(), -angle.sin(), torch.zeros_like(angle)], dim=1)
    vectors = [part.to(device) for part in (-4 * ahead, right, torch.linalg.cross(ahead, right), ahead)]
    flat = DifferentiableProjectiveCamera(*vectors, width=2, height=2, x_fov=0.7, y_fov=0.7)
    return DifferentiableCameraBatch(shape=(1, views), flat_camera=flat)
