# SPDX-License-Identifier: GPL-3.0-or-later
"""Each stage for both engines: a function that prepares it and returns the function to time."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.point_e.official import unconditioned
from blender_text3d.engine.shap_e.configs import OFFICIAL_TEXT_PRIOR
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.weights.loading.assign import assign, empty_network
from scripts.bench.official_marching import march_official, march_ours
from scripts.bench.official_object import object_official, object_ours
from scripts.bench.official_weights import with_random_weights

CPU = torch.device("cpu")
QUERIES = 4096
GUIDED = 2
"""Batch of both halves of guidance."""
Once = Callable[[], object]


def own_network(name: str) -> nn.Module:
    """Return this engine's network of an official Point-E checkpoint."""
    class_, size = OFFICIAL[name]
    return with_random_weights(class_(size))


def official_network(name: str) -> nn.Module:
    """Return the official package's network of a Point-E checkpoint."""
    from point_e.models.configs import MODEL_CONFIGS

    from blender_text3d.engine.reference.point_e import network

    return with_random_weights(network(MODEL_CONFIGS[name], CPU))


def noisy_cloud(batch: int, points: int) -> tuple[Tensor, Tensor]:
    """Return a noisy cloud (batch, 6, points) float32 and its timesteps (batch,) int64."""
    return torch.randn(batch, 6, points), torch.full((batch,), 500)


def base_ours(batch: int) -> Callable[[Path], Once]:
    """Return the preparation of one evaluation of the coarse network: guided, or the conditional half alone."""

    def prepare(_scratch: Path) -> Once:
        network, (x, t), vector = own_network("base40M-textvec"), noisy_cloud(batch, 1024), torch.randn(batch, 768)
        return lambda: network(x, t, vector)

    return prepare


def base_official(_scratch: Path) -> Once:
    """Prepare the same with the official packages."""
    network, (x, t), vector = official_network("base40M-textvec"), noisy_cloud(2, 1024), torch.randn(2, 768)
    return lambda: network(x, t, embeddings=vector)


def upsample_ours(_scratch: Path) -> Once:
    """Prepare one evaluation of the fine network."""
    network, (x, t), coarse = unconditioned(own_network("upsample")), noisy_cloud(1, 3072), torch.rand(1, 6, 1024)
    return lambda: network(x, t, torch.zeros(1, 0), coarse)


def upsample_official(_scratch: Path) -> Once:
    """Prepare the same with the official packages."""
    network, (x, t), coarse = official_network("upsample"), noisy_cloud(1, 3072), torch.rand(1, 6, 1024)
    return lambda: network(x, t, low_res=coarse, embeddings=torch.zeros(1, 1024, 256))


def encode_ours(_scratch: Path) -> Once:
    """Prepare the encoding of a cloud of 4,096 points."""
    network, cloud = own_network("sdf"), torch.rand(1, 3, 4096) - 0.5
    return lambda: network.encode(cloud)


def encode_official(_scratch: Path) -> Once:
    """Prepare the same with the official packages."""
    network, cloud = official_network("sdf"), torch.rand(1, 3, 4096) - 0.5
    return lambda: network.encode_point_clouds(cloud)


def query_ours(scratch: Path) -> Once:
    """Prepare the distances at 4,096 points."""
    network, points = own_network("sdf"), torch.rand(1, 3, QUERIES) - 0.5
    encoded = network.encode(torch.rand(1, 3, 4096) - 0.5)
    return lambda: network.query(points, encoded)


def query_official(scratch: Path) -> Once:
    """Prepare the same with the official packages."""
    network, points = official_network("sdf"), torch.rand(1, 3, QUERIES) - 0.5
    encoded = network.encode_point_clouds(torch.rand(1, 3, 4096) - 0.5)
    return lambda: network(points, encoded=encoded)


def prior_ours(batch: int) -> Callable[[Path], Once]:
    """Return the preparation of one evaluation of the text prior: guided, or the conditional half alone."""

    def prepare(_scratch: Path) -> Once:
        network = with_random_weights(empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR)))
        x, t, vector = torch.randn(batch, 1024 * 1024), torch.full((batch,), 500), torch.randn(batch, 768)
        return lambda: network(x, t, vector)

    return prepare


def prior_official(_scratch: Path) -> Once:
    """Prepare the same with the official packages."""
    from blender_text3d.engine.reference.shap_e import network
    from blender_text3d.engine.reference.shap_e_configs import TEXT_PRIOR

    prior = with_random_weights(network(TEXT_PRIOR, CPU))
    x, t, vector = torch.randn(2, 1024 * 1024), torch.full((2,), 500), torch.randn(2, 768)
    return lambda: prior(x, t, embeddings=vector)


def loading_ours(scratch: Path) -> Once:
    """Prepare loading a checkpoint into a network, with all its pages read."""
    from blender_text3d.engine.weights.formats.open_tensors import read_tensors

    path = checkpoint(scratch)

    def once() -> object:
        network = empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR))
        assign(network, read_tensors(path), "the checkpoint")
        return float(sum(p.flatten()[::1024].sum() for p in network.parameters()))  # one value per page

    return once


def loading_official(scratch: Path) -> Once:
    """Prepare the same with the official package, without its loader's hash of the file."""
    import shap_e.models.configs  # noqa: F401, so that its import is not timed

    from blender_text3d.engine.reference.shap_e import network
    from blender_text3d.engine.reference.shap_e_configs import TEXT_PRIOR

    path = checkpoint(scratch)

    def once() -> object:
        prior = network(TEXT_PRIOR, CPU)
        return str(prior.load_state_dict(torch.load(path, map_location=CPU)))

    return once


def checkpoint(scratch: Path) -> Path:
    """Return a file with text300M's tensors, written on first use."""
    path = scratch / "text300M.pt"
    if not path.exists():
        torch.save(
            with_random_weights(empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR))).state_dict(), path
        )
    return path


def matmul_floor(_scratch: Path) -> Once:
    """Prepare the peak of matrix products, the faster of MKL's and oneDNN's, in GFLOP/s of CPU time."""
    import time

    from blender_text3d.engine.nn.linear import linear

    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)

    def once() -> dict:
        best = 0.0
        for product in (torch.mm, linear) * 12:
            start_s = time.process_time()
            product(a, b)
            best = max(best, 2 * 1024**3 / (time.process_time() - start_s) / 1e9)
        return {"gflops": best}

    return once


def decoding(side: str) -> Callable[[Path], Once]:
    """Return the preparation of decoding a field with a real surface at 128 grid points per side."""

    def prepare(scratch: Path) -> Once:
        from scripts.bench.official_decoding import DECODERS

        return DECODERS[side]()

    return prepare


SIDES = ("ours", "official")
RUNNERS: dict[tuple[str, str], Callable[[Path], Once]] = {
    ("floor", "ours"): matmul_floor,
    ("base", "ours"): base_ours(GUIDED),
    ("base half", "ours"): base_ours(1),
    ("base", "official"): base_official,
    ("upsample", "ours"): upsample_ours,
    ("upsample", "official"): upsample_official,
    ("encode", "ours"): encode_ours,
    ("encode", "official"): encode_official,
    ("query", "ours"): query_ours,
    ("query", "official"): query_official,
    ("prior", "ours"): prior_ours(GUIDED),
    ("prior half", "ours"): prior_ours(1),
    ("prior", "official"): prior_official,
    ("decode", "ours"): decoding("ours"),
    ("decode", "official"): decoding("official"),
    ("preview", "ours"): decoding("preview"),
    ("march 128", "ours"): march_ours(128),
    ("march 128", "official"): march_official(128),
    ("march 256", "ours"): march_ours(256),
    ("march 256", "official"): march_official(256),
    ("load", "ours"): loading_ours,
    ("load", "official"): loading_official,
    ("object", "ours"): object_ours,
    ("object", "official"): object_official,
}
