# SPDX-License-Identifier: GPL-3.0-or-later
"""Each stage by both engines: a function that makes ready and gives what is timed."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.point_e.official import unconditioned
from blender_text3d.engine.shap_e.configs import OFFICIAL_TEXT_PRIOR
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.surface.marching_cubes import marching_cubes
from blender_text3d.engine.weights.loading.assign import assign, empty_network

CPU = torch.device("cpu")
QUERIES = 4096
Once = Callable[[], object]


def drawn(network: nn.Module) -> nn.Module:
    """The same network with small random weights; a blank one gets memory. Quick, unlike the parity recipe."""
    random = torch.Generator().manual_seed(1)
    network = network.to_empty(device="cpu") if any(p.is_meta for p in network.parameters()) else network
    for name, value in network.state_dict().items():
        if value.dim() > 1:
            value.normal_(0, value[0].numel() ** -0.5, generator=random)
        elif not name.startswith("channel_"):
            value.fill_(float(name.endswith(("weight", "gain"))))
    return network.eval().requires_grad_(False)


def our(name: str) -> nn.Module:
    """Our network of an official Point-E checkpoint."""
    class_, size = OFFICIAL[name]
    return drawn(class_(size))


def official(name: str) -> nn.Module:
    """The official network of a Point-E checkpoint."""
    from point_e.models.configs import MODEL_CONFIGS

    from blender_text3d.engine.reference.point_e import network

    return drawn(network(MODEL_CONFIGS[name], CPU))


def noisy(batch: int, points: int) -> tuple[Tensor, Tensor]:
    """A noisy cloud and its timesteps."""
    return torch.randn(batch, 6, points), torch.full((batch,), 500)


def base_ours(_scratch: Path) -> Once:
    """One guided evaluation of the coarse network."""
    network, (x, t), vector = our("base40M-textvec"), noisy(2, 1024), torch.randn(2, 768)
    return lambda: network(x, t, vector)


def base_official(_scratch: Path) -> Once:
    """The same."""
    network, (x, t), vector = official("base40M-textvec"), noisy(2, 1024), torch.randn(2, 768)
    return lambda: network(x, t, embeddings=vector)


def upsample_ours(_scratch: Path) -> Once:
    """One evaluation of the fine network."""
    network, (x, t), coarse = unconditioned(our("upsample")), noisy(1, 3072), torch.rand(1, 6, 1024)
    return lambda: network(x, t, torch.zeros(1, 0), coarse)


def upsample_official(_scratch: Path) -> Once:
    """The same."""
    network, (x, t), coarse = official("upsample"), noisy(1, 3072), torch.rand(1, 6, 1024)
    return lambda: network(x, t, low_res=coarse, embeddings=torch.zeros(1, 1024, 256))


def encode_ours(_scratch: Path) -> Once:
    """A cloud of 4,096 points read once."""
    network, cloud = our("sdf"), torch.rand(1, 3, 4096) - 0.5
    return lambda: network.encode(cloud)


def encode_official(_scratch: Path) -> Once:
    """The same."""
    network, cloud = official("sdf"), torch.rand(1, 3, 4096) - 0.5
    return lambda: network.encode_point_clouds(cloud)


def query_ours(scratch: Path) -> Once:
    """Distances at 4,096 places."""
    network, places = our("sdf"), torch.rand(1, 3, QUERIES) - 0.5
    encoded = network.encode(torch.rand(1, 3, 4096) - 0.5)
    return lambda: network.query(places, encoded)


def query_official(scratch: Path) -> Once:
    """The same."""
    network, places = official("sdf"), torch.rand(1, 3, QUERIES) - 0.5
    encoded = network.encode_point_clouds(torch.rand(1, 3, 4096) - 0.5)
    return lambda: network(places, encoded=encoded)


def prior_ours(_scratch: Path) -> Once:
    """One guided evaluation of the text prior."""
    network = drawn(empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR)))
    x, t, vector = torch.randn(2, 1024 * 1024), torch.full((2,), 500), torch.randn(2, 768)
    return lambda: network(x, t, vector)


def prior_official(_scratch: Path) -> Once:
    """The same."""
    from blender_text3d.engine.reference.shap_e import network
    from blender_text3d.engine.reference.shap_e_configs import TEXT_PRIOR

    prior = drawn(network(TEXT_PRIOR, CPU))
    x, t, vector = torch.randn(2, 1024 * 1024), torch.full((2,), 500), torch.randn(2, 768)
    return lambda: prior(x, t, embeddings=vector)


def ball_values(grid: int) -> Tensor:
    """[G + 2]^3: a ring of three balls on a lattice with a border of -1, as Shap-E lays one."""
    line = torch.linspace(-1, 1, grid)
    x, y, z = torch.meshgrid(line, line, line, indexing="ij")
    ring = 0.18 - ((x**2 + y**2).sqrt() - 0.6).square().add(z**2).sqrt()
    ball = 0.35 - (x**2 + y**2 + (z - 0.3) ** 2).sqrt()
    return torch.nn.functional.pad(torch.maximum(ring, ball), (1,) * 6, value=-1.0)


def march_ours(grid: int) -> Callable[[Path], Once]:
    """Marching cubes on known values."""

    def ready(_scratch: Path) -> Once:
        values = ball_values(grid)
        marching_cubes(ball_values(8))

        def once() -> dict:
            crossings, faces = marching_cubes(values)
            crossings.fractions()
            return {"vertices": len(crossings.low), "faces": len(faces)}

        return once

    return ready


def march_official(grid: int) -> Callable[[Path], Once]:
    """The same."""

    def ready(_scratch: Path) -> Once:
        from shap_e.rendering.mc import marching_cubes as theirs

        values, low, size = ball_values(grid), -torch.ones(3), 2 * torch.ones(3)
        theirs(ball_values(8), low, size)

        def once() -> dict:
            mesh = theirs(values, low, size)
            return {"vertices": len(mesh.verts), "faces": len(mesh.faces)}

        return once

    return ready


def loading_ours(scratch: Path) -> Once:
    """A checkpoint on the disk to a network whose pages have been touched."""
    from blender_text3d.engine.weights.formats.open_tensors import read_tensors

    path = checkpoint(scratch)

    def once() -> object:
        network = empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR))
        assign(network, read_tensors(path), "the checkpoint")
        return float(sum(p.flatten()[::1024].sum() for p in network.parameters()))  # one number of every page

    return once


def loading_official(scratch: Path) -> Once:
    """The same, without the official loader's hash of the file."""
    import shap_e.models.configs  # noqa: F401

    from blender_text3d.engine.reference.shap_e import network
    from blender_text3d.engine.reference.shap_e_configs import TEXT_PRIOR

    path = checkpoint(scratch)

    def once() -> object:
        prior = network(TEXT_PRIOR, CPU)
        return str(prior.load_state_dict(torch.load(path, map_location=CPU)))

    return once


def checkpoint(scratch: Path) -> Path:
    """A file as large as text300M's, with its tensors; made when first asked for."""
    path = scratch / "text300M.pt"
    if not path.exists():
        torch.save(drawn(empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR))).state_dict(), path)
    return path


def matmul_floor(_scratch: Path) -> Once:
    """The peak of matrix products here, the faster of MKL's and oneDNN's, in GFLOP a second of CPU time."""
    import time

    from blender_text3d.engine.nn.linear import linear

    one, other = torch.randn(1024, 1024), torch.randn(1024, 1024)

    def once() -> dict:
        best = 0.0
        for product in (torch.mm, linear) * 12:
            began = time.process_time()
            product(one, other)
            best = max(best, 2 * 1024**3 / (time.process_time() - began) / 1e9)
        return {"gflops": best}

    return once


def decoding(side: str) -> Callable[[Path], Once]:
    """Decoding at 128 a side, of a field with a real surface."""

    def ready(scratch: Path) -> Once:
        from scripts.bench.official_decoding import READY

        return READY[side]()

    return ready


SIDES = ("ours", "official")
WAYS: dict[tuple[str, str], Callable[[Path], Once]] = {
    ("floor", "ours"): matmul_floor,
    ("base", "ours"): base_ours,
    ("base", "official"): base_official,
    ("upsample", "ours"): upsample_ours,
    ("upsample", "official"): upsample_official,
    ("encode", "ours"): encode_ours,
    ("encode", "official"): encode_official,
    ("query", "ours"): query_ours,
    ("query", "official"): query_official,
    ("prior", "ours"): prior_ours,
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
}
