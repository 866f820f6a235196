# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's Point-E package: its networks, sampler and mesh extraction, with the same steps as this engine."""

import copy
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ...geometry import Mesh, PointCloud
from ..conditioning.condition import Condition
from ..point_e.official import SCALING
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream, ready_preview
from ..weights.loading.load_network import load_network
from ..weights.store.required import require_model
from .clip_features import OfficialImageConditioner, OfficialTextConditioner, clip_tower, precomputed_features
from .installed import require_packages
from .seeded_rng import seeded_rng

if TYPE_CHECKING:
    from point_e.diffusion.sampler import PointCloudSampler

SIDE = 1.02
"""Side of the sampled cube in the networks' space. Source: openai/point-e, point_e/util/pc_to_mesh.py."""
STAGES = ("points", "upsample")


@dataclass(frozen=True)
class ReferencePointE:
    """The official networks of one pipeline.

    Attributes:
        conditioner: turns a recipe into the networks' condition.
        keyword: the official sampler's name of the condition.
        networks: networks of the coarse and the fine diffusion.
        sdf: network that gives a cloud's signed distance.
        points: number of points of each diffusion.
        is_fine_conditioned: True if the second diffusion gets the condition and the guidance too.
        sha256: hash of the coarse network's file.
    """

    conditioner: Callable[[Recipe], Condition]
    keyword: str
    networks: Sequence[nn.Module]
    sdf: nn.Module
    device: torch.device
    points: Sequence[int] = (1024, 3072)
    is_fine_conditioned: bool = False
    sha256: str = ""


def load_text(device: torch.device) -> ReferencePointE:
    """Load text to cloud, with the settings of the official text example.

    Raises:
        ReferenceMissing: the official packages are not installed.
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    return load("base40M-textvec", OfficialTextConditioner, "embeddings", device)


def load_image(device: torch.device) -> ReferencePointE:
    """Load image to cloud, with the settings of the official image example. Raises the same as `load_text`."""
    return load("base40M", OfficialImageConditioner, "images", device)


def load(name: str, conditioner: type, keyword: str, device: torch.device) -> ReferencePointE:
    """Load the pipeline of one of the coarse networks."""
    require_packages("point_e", "clip")
    require_model(f"point-e/{name}")
    from point_e.models.configs import MODEL_CONFIGS

    files = [
        load_network(f"point-e/{part}", partial(network, MODEL_CONFIGS[part], device), device)
        for part in (name, "upsample", "sdf")
    ]
    base, fine, sdf = (file.network for file in files)
    has_images = keyword == "images"
    return ReferencePointE(
        conditioner(clip_tower(device), device),
        keyword,
        (base, fine),
        sdf,
        device,
        is_fine_conditioned=has_images,
        sha256=files[0].sha256,
    )


def network(config: Mapping[str, Any], device: torch.device) -> nn.Module:
    """Build one of the official networks from a configuration of the official package."""
    from point_e.models import transformer
    from point_e.models.configs import model_from_config

    with precomputed_features(transformer), torch.device(device):
        return model_from_config(copy.deepcopy(dict(config)), device).eval()


def run(model: ReferencePointE, recipes: Sequence[Recipe]) -> StepStream:
    """Run recipes one after the other, since the official sampler uses one stream of noise."""
    results = []
    for item, recipe in enumerate(recipes):
        with seeded_rng(recipe.seed):
            results.append((yield from run_recipe(model, item, recipe)))
    return results


def run_recipe(model: ReferencePointE, item: int, recipe: Recipe) -> Generator[IndexedStep, None, Result]:
    """Run one recipe: yield steps of "read", "points", "upsample" and "mesh"."""
    condition = model.conditioner(recipe)
    yield item, Step("read", 1, 1, notice=condition.notice, input_image=condition.input_image)
    sampler = official_sampler(model, recipe)
    channels = yield from sampled(model, sampler, condition.values, item, recipe)
    cloud, mesh = SCALING.cloud(channels[0]), None
    if recipe.outputs != "cloud":
        yield item, Step("mesh", 0, 1, preview=ready_preview(cloud))
        mesh = mesh_of(model.sdf, sampler.output_to_point_clouds(channels)[0], recipe.grid)
        yield item, Step("mesh", 1, 1)
    return Result(mesh=mesh, cloud=cloud if recipe.outputs != "mesh" else None, latent=None)


def official_sampler(model: ReferencePointE, recipe: Recipe) -> "PointCloudSampler":
    """Return the official sampler with its defaults except for steps and guidance; it has no other solver."""
    from point_e.diffusion.configs import DIFFUSION_CONFIGS, diffusion_from_config
    from point_e.diffusion.sampler import PointCloudSampler

    return PointCloudSampler(
        device=model.device,
        models=list(model.networks),
        diffusions=[diffusion_from_config(DIFFUSION_CONFIGS[name]) for name in ("base40M", "upsample")],
        num_points=list(model.points),
        aux_channels=["R", "G", "B"],
        model_kwargs_key_filter=["*", "*" if model.is_fine_conditioned else ""],
        guidance_scale=[recipe.guidance, recipe.guidance if model.is_fine_conditioned else 0.0],
        karras_steps=[recipe.steps, recipe.steps],
    )


def sampled(
    model: ReferencePointE, sampler: "PointCloudSampler", condition: Tensor, item: int, recipe: Recipe
) -> Generator[IndexedStep, None, Tensor]:
    """Run the official sampler; return channels (1, 6, N) float32: x, y, z in its own space, RGB 0 to 255."""
    states = sampler.sample_batch_progressive(1, {model.keyword: condition})
    for stage, name in enumerate(STAGES):
        sigmas = official_sigmas(sampler, stage)
        yield item, Step(name, 0, recipe.steps)
        for index in range(recipe.steps):
            channels = next(states)
            preview = partial(SCALING.cloud, channels[0])
            yield item, Step(name, index + 1, recipe.steps, preview, sigmas[index])
        channels = next(states)  # the sampler yields the last state of each stage twice
    return channels


def official_sigmas(sampler: "PointCloudSampler", stage: int) -> list[float]:
    """Return the noise levels of a stage."""
    from point_e.diffusion.k_diffusion import get_sigmas_karras

    steps, low, high = sampler.karras_steps[stage], sampler.sigma_min[stage], sampler.sigma_max[stage]
    return get_sigmas_karras(steps, low, high).tolist()


def mesh_of(sdf: nn.Module, cloud: Any, grid: int) -> Mesh:
    """Run the official mesh extraction; return a mesh in model space, including specks.

    Args:
        sdf: an official network.
        cloud: a `point_e.util.point_cloud.PointCloud`.
        grid: grid points per side.
    """
    from point_e.util.pc_to_mesh import marching_cubes_mesh

    official = marching_cubes_mesh(pc=cloud, model=sdf, grid_size=grid, side_length=SIDE)
    colors = torch.tensor([official.vertex_channels[name] for name in "RGB"]).T.numpy()
    vertices = PointCloud(official.verts, colors)
    return Mesh(
        (vertices.points * SCALING.model_from_network).astype("float32"),
        official.faces.astype("int32"),
        vertices.colors,
    )
