# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields with known surfaces: distances in model space, positive inside."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Field = Callable[[Tensor], Tensor]


def ball(center: tuple[float, float, float], radius: float) -> Field:
    return lambda points: radius - (points - points.new_tensor(center)).norm(dim=1)


def box(center: tuple[float, float, float], half: tuple[float, float, float]) -> Field:
    def field(points: Tensor) -> Tensor:
        outside = (points - points.new_tensor(center)).abs() - points.new_tensor(half)
        return -(outside.clamp(min=0).norm(dim=1) + outside.amax(dim=1).clamp(max=0))

    return field


def wire(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Field:
    def field(points: Tensor) -> Tensor:
        along = points.new_tensor(end) - points.new_tensor(start)
        offset = points - points.new_tensor(start)
        share = (offset @ along / (along @ along)).clamp(0, 1)
        return radius - (offset - share[:, None] * along).norm(dim=1)

    return field


def union(*parts: Field) -> Field:
    return lambda points: torch.stack([part(points) for part in parts]).amax(dim=0)


def chair(leg_radius: float = 0.06) -> Field:
    legs = [wire((x, y, -0.8), (x, y, 0.0), leg_radius) for x in (-0.45, 0.45) for y in (-0.45, 0.45)]
    return union(box((0, 0, 0), (0.5, 0.5, 0.05)), box((0, 0.45, 0.45), (0.5, 0.05, 0.45)), *legs)


def thin_plates() -> Field:
    return union(box((0, 0, 0.013), (0.8, 0.7, 0.011)), box((0.1, 0.011, 0.3), (0.6, 0.011, 0.5)))


def separate_balls() -> Field:
    generator = torch.Generator().manual_seed(5)
    centers = torch.rand(12, 3, generator=generator) * 1.6 - 0.8
    sizes = torch.rand(12, generator=generator) * 0.07 + 0.03
    return union(*[ball(tuple(center), float(size)) for center, size in zip(centers.tolist(), sizes, strict=True)])


def sub_voxel_wires() -> Field:
    return union(wire((-0.8, -0.7, -0.9), (0.7, 0.6, 0.8), 0.012), wire((-0.7, 0.5, 0.1), (0.8, -0.3, 0.17), 0.009))


def branching_tree() -> Field:
    return union(*_branches((0.0, 0.0, -0.9), (0.0, 0.0, 1.0), 0.75, 0.05, torch.Generator().manual_seed(2)))


def _branches(start, direction, length: float, radius: float, generator: torch.Generator) -> list[Field]:
    end = tuple(a + length * b for a, b in zip(start, direction, strict=True))
    if radius < 0.012:
        return [wire(start, end, radius)]
    directions = torch.nn.functional.normalize(
        torch.tensor(direction) + 0.9 * torch.randn(3, 3, generator=generator), dim=1
    )
    twigs = [_branches(end, tuple(branch), length * 0.6, radius * 0.6, generator) for branch in directions.tolist()]
    return [wire(start, end, radius), *(part for twig in twigs for part in twig)]


def random_network(seed: int = 0, width: int = 64, sharpness: float = 30.0) -> Field:
    """Return the tanh of an unconstrained network, which like a decoder is far from a distance.

    It computes in float64: in float32 a matrix product depends slightly on the number of points per call.
    """
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Linear(3, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
        nn.Linear(width, 1),
    ).double()  # fmt: skip
    offset = net(torch.zeros(1, 3).double())[0, 0]
    return lambda points: torch.tanh(sharpness * (net(5 * points.double())[:, 0] - offset)).float()


def squashed(field: Field, sharpness: float) -> Field:
    """Return a field like a decoder's: saturated at -1 and 1 away from the surface."""
    return lambda points: torch.tanh(sharpness * field(points))
