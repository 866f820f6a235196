# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Point-E: its own networks, sampler and mesh extraction, telling the same steps as ours."""

import copy
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ...geometry import Mesh, PointCloud
from ..conditioning.condition import Condition
from ..point_e.official import SCALING
from ..recipe import IndexedStep, Recipe, Result, Step, StepStream
from ..weights.loading.load_network import load_network
from ..weights.store.required import need_model
from .clip_features import OfficialPictureReader, OfficialPromptReader, clip_tower, ready_features
from .installed import need_packages
from .seeded_rng import seeded

if TYPE_CHECKING:
    from point_e.diffusion.sampler import PointCloudSampler

SIDE = 1.02
"""Side of the searched cube in the networks' space. Source: openai/point-e, point_e/util/pc_to_mesh.py."""
STAGES = ("points", "upsample")


@dataclass(frozen=True)
class ReferencePointE:
    """The official networks of one pipeline.

    Attributes:
        reader: what a recipe says to the networks.
        keyword: what the official sampler calls the condition.
        networks: of the coarse and of the fine diffusion.
        sdf: cloud and queries to distances.
        points: how many each diffusion makes.
        is_fine_conditioned: whether the second diffusion sees the condition too, guided as the first.
        sha256: of the coarse network's file.
    """

    reader: Callable[[Recipe], Condition]
    keyword: str
    networks: Sequence[nn.Module]
    sdf: nn.Module
    device: torch.device
    points: Sequence[int] = (1024, 3072)
    is_fine_conditioned: bool = False
    sha256: str = ""


def load_text(device: torch.device) -> ReferencePointE:
    """Text to cloud, with the settings of the official text example.

    Raises:
        ReferenceMissing: the official packages are not installed.
        MissingWeights, BrokenWeights: a checkpoint is not here, or not whole.
    """
    return loaded("base40M-textvec", OfficialPromptReader, "embeddings", device)


def load_image(device: torch.device) -> ReferencePointE:
    """Picture to cloud, with the settings of the official picture example. Raises as `load_text`."""
    return loaded("base40M", OfficialPictureReader, "images", device)


def loaded(name: str, reader: type, keyword: str, device: torch.device) -> ReferencePointE:
    """The pipeline around one of the coarse networks."""
    need_packages("point_e", "clip")
    need_model(f"point-e/{name}")
    from point_e.models.configs import MODEL_CONFIGS

    files = [
        load_network(f"point-e/{part}", lambda part=part: network(MODEL_CONFIGS[part], device), device)
        for part in (name, "upsample", "sdf")
    ]
    base, fine, sdf = (file.network for file in files)
    read, sees_pictures = reader(clip_tower(device), device), keyword == "images"
    return ReferencePointE(
        read, keyword, (base, fine), sdf, device, is_fine_conditioned=sees_pictures, sha256=files[0].sha256
    )


def network(config: Mapping[str, Any], device: torch.device) -> nn.Module:
    """One of the official networks, of a configuration as the official package writes it."""
    from point_e.models import transformer
    from point_e.models.configs import model_from_config

    with ready_features(transformer), torch.device(device):
        return model_from_config(copy.deepcopy(dict(config)), device).eval()


def make(model: ReferencePointE, recipes: Sequence[Recipe]) -> StepStream:
    """The whole way of some recipes, one after the other: the official sampler shares one stream of noise."""
    results = []
    for which, recipe in enumerate(recipes):
        with seeded(recipe.seed):
            results.append((yield from one(model, which, recipe)))
    return results


def one(model: ReferencePointE, which: int, recipe: Recipe) -> Generator[IndexedStep, None, Result]:
    """One recipe: yields steps of "read", "points", "upsample" and "mesh"."""
    condition = model.reader(recipe)
    yield which, Step("read", 1, 1, notice=condition.notice, picture=condition.picture)
    sampler = official_sampler(model, recipe)
    channels = yield from sampled(model, sampler, condition.values, which, recipe)
    cloud, mesh = SCALING.cloud(channels[0]), None
    if recipe.outputs != "cloud":
        yield which, Step("mesh", 0, 1, geometry=cloud)
        mesh = mesh_of(model.sdf, sampler.output_to_point_clouds(channels)[0], recipe.grid)
        yield which, Step("mesh", 1, 1, geometry=mesh)
    return Result(mesh=mesh, cloud=cloud if recipe.outputs != "mesh" else None, latent=None)


def official_sampler(model: ReferencePointE, recipe: Recipe) -> "PointCloudSampler":
    """The official sampler with its own defaults, but for the steps and the guidance; it knows no other solver."""
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
    model: ReferencePointE, sampler: "PointCloudSampler", condition: Tensor, which: int, recipe: Recipe
) -> Generator[IndexedStep, None, Tensor]:
    """Runs the official sampler; returns channels [1, 6, N], x, y, z in its own space and colours from 0 to 255."""
    states = sampler.sample_batch_progressive(1, {model.keyword: condition})
    for stage, name in enumerate(STAGES):
        sigmas = official_sigmas(sampler, stage)
        yield which, Step(name, 0, recipe.steps)
        for index in range(recipe.steps):
            channels = next(states)
            cloud = SCALING.cloud(channels[0])
            yield which, Step(name, index + 1, recipe.steps, cloud, sigmas[index])
        channels = next(states)  # the sampler gives the last state of each stage twice
    return channels


def official_sigmas(sampler: "PointCloudSampler", stage: int) -> list[float]:
    """The noise levels that a stage visits."""
    from point_e.diffusion.k_diffusion import get_sigmas_karras

    steps, low, high = sampler.karras_steps[stage], sampler.sigma_min[stage], sampler.sigma_max[stage]
    return get_sigmas_karras(steps, low, high).tolist()


def mesh_of(sdf: nn.Module, cloud: Any, grid: int) -> Mesh:
    """The official extraction from an official cloud, in model space; specks stay.

    Args:
        sdf: an official network.
        cloud: a `point_e.util.point_cloud.PointCloud`.
        grid: lattice points a side.
    """
    from point_e.util.pc_to_mesh import marching_cubes_mesh

    made = marching_cubes_mesh(pc=cloud, model=sdf, grid_size=grid, side_length=SIDE)
    named = PointCloud(made.verts, torch.tensor([made.vertex_channels[name] for name in "RGB"]).T.numpy())
    return Mesh((named.points * SCALING.model_from_own).astype("float32"), made.faces.astype("int32"), named.colors)
