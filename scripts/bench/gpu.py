#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the official networks on a GPU, with random weights: batches of 1 to 32, with and without CUDA graphs.

    python scripts/bench --device cuda
    python scripts/bench/gpu.py --device cuda --networks "shap-e/text300M" --batches 1 8

The share of the floor is the time that the network's matrix products would take at the speed of one large product,
divided by the measured time. Never run on a real GPU so far; on "cpu" it runs too, slowly.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from blender_text3d.engine.cuda_graphs import graphed
from blender_text3d.engine.cuda_graphs.graphed import MIN_CALLS, CudaGraphed
from blender_text3d.engine.device import device_name, pick_device, precision_of
from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.point_e.official import unconditioned
from blender_text3d.engine.shap_e.configs import OFFICIAL_IMAGE_PRIOR, OFFICIAL_TEXT_PRIOR
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion

BATCHES = (1, 2, 4, 8, 16, 32)
SIDE = 8192
"""Rows and columns of the product that sets the floor; fewer on a CPU."""
Evaluation = tuple[Callable[..., Tensor], tuple[Tensor, ...]]
HEADER = """| network | objects | graphs | ms | ms an object | share of the floor |
| --- | ---: | --- | ---: | ---: | ---: |"""


def prior(size: PriorConfig, batch: int, device: torch.device, width: int) -> Evaluation:
    """Return a guided evaluation of Shap-E's prior, and its inputs."""
    if width:
        size = replace(size, width=width, layers=2, heads=2, d_latent=16 * width, latent_ctx=16)
    condition = torch.randn(2 * batch, size.condition_channels, *[256] * size.condition_grid)
    network = SplitVectorDiffusion(size)
    return loaded(network, device, torch.randn(2 * batch, size.d_latent), condition)


def cloud(name: str, points: int, batch: int, device: torch.device, width: int) -> Evaluation:
    """Return an evaluation of one of Point-E's networks, guided but for the upsampler, and its inputs."""
    class_, size = OFFICIAL[name]
    if width:
        size, points = replace(size, width=width, layers=2, heads=2), 16
    if name == "upsample":
        run, inputs = loaded(class_(size), device, torch.randn(batch, 6, points), torch.rand(batch, 6, points // 3))
        network = unconditioned(run)
        return lambda x, t, coarse: network(x, t, x, coarse), inputs
    return loaded(class_(size), device, torch.randn(2 * batch, 6, points), torch.randn(2 * batch, 768))


def loaded(network: torch.nn.Module, device: torch.device, x: Tensor, condition: Tensor) -> Evaluation:
    """Return a network on a device in its precision, and its inputs with timesteps."""
    precision = precision_of(device)
    network = network.eval().requires_grad_(False).to(device, precision)
    t = torch.full((len(x),), 500, device=device)
    return network, (x.to(device, precision), t, condition.to(device, precision))


NETWORKS: dict[str, Callable[[int, torch.device, int], Evaluation]] = {
    "shap-e/text300M": lambda *given: prior(OFFICIAL_TEXT_PRIOR, *given),
    "shap-e/image300M": lambda *given: prior(OFFICIAL_IMAGE_PRIOR, *given),
    "point-e/base40M-textvec": lambda *given: cloud("base40M-textvec", 1024, *given),
    "point-e/upsample": lambda *given: cloud("upsample", 3072, *given),
}
"""(objects, device, width or 0 for the official size) -> evaluation and inputs."""


def seconds(call: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Return the median time of a call, after some that let libraries choose their kernels and graphs be captured."""
    times = []
    for _ in range(repeats + MIN_CALLS):
        start = time.perf_counter()
        call()
        if device.type != "cpu":
            getattr(torch, device.type).synchronize()
        times.append(time.perf_counter() - start)
    return sorted(times[MIN_CALLS:])[repeats // 2]


def peak_flops(device: torch.device, repeats: int, side: int) -> float:
    """Return the floating point operations per second of one large matrix product."""
    square = torch.randn(side, side, device=device, dtype=precision_of(device))
    return 2 * side**3 / seconds(lambda: square @ square, device, repeats)


@torch.inference_mode()
def rows(device: torch.device, names: list[str], batches: list[int], repeats: int, width: int = 0) -> list[str]:
    """Return the lines of the table; a batch that does not fit into memory ends the network's lines."""
    lines, peak = [], peak_flops(device, repeats, SIDE if device.type != "cpu" else 256)
    for name in names:
        for batch in batches:
            try:
                lines += measured(name, batch, device, repeats, width, peak)
            except torch.OutOfMemoryError:
                lines.append(f"| {name} | {batch} | | out of memory | | |")
                break
    return lines


def measured(name: str, batch: int, device: torch.device, repeats: int, width: int, peak: float) -> list[str]:
    """Return the lines of one network and batch, without graphs and, on CUDA, with them."""
    run, inputs = NETWORKS[name](batch, device, width)
    with FlopCounterMode(display=False) as counter:
        run(*inputs)
    lines = []
    for graphs in (False, True) if device.type == "cuda" else (False,):
        call = graphed(run, precision_of(device)) if graphs else run
        took = seconds(lambda call=call: call(*inputs), device, repeats)
        is_replayed = isinstance(call, CudaGraphed) and bool(call.graphs.recordings)
        kind = "–" if not graphs else "replayed" if is_replayed else "refused"
        share = counter.get_total_flops() / peak / took
        lines.append(f"| {name} | {batch} | {kind} | {1e3 * took:.2f} | {1e3 * took / batch:.2f} | {share:.2f} |")
    return lines


def main() -> int:
    """Print the table; return 1 if the device is not there."""
    parser = argparse.ArgumentParser(prog="gpu.py", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help='"cuda", "cuda:1", "mps" or "cpu" (%(default)s)')
    parser.add_argument("--networks", nargs="*", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--batches", nargs="*", type=int, default=list(BATCHES), help="objects at once")
    parser.add_argument("--repeats", type=int, default=9, help="evaluations of each (%(default)s)")
    parser.add_argument("--width", type=int, default=0, help="width of narrow networks, to try this out")
    options = parser.parse_args()
    device = pick_device(options.device)
    print(f"{device_name(device)}, PyTorch {torch.__version__}, {precision_of(device)}\n\n{HEADER}")
    for line in rows(device, options.networks, options.batches, options.repeats, options.width):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
