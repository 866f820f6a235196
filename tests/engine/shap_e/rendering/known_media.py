# SPDX-License-Identifier: GPL-3.0-or-later
"""Media whose images are known: uniform fog, and a ball. Each counts the points it is evaluated at."""

import torch

RED = torch.tensor([0.9, 0.2, 0.1])


class Fog:
    """The same density and color everywhere."""

    def __init__(self, density: float):
        self.density, self.queries = density, 0

    def __call__(self, points, directions=None):
        self.queries += len(points)
        return torch.cat([torch.full((len(points), 2), self.density), RED.expand(len(points), 3)], dim=1)


class Ball(Fog):
    """Dense within a radius around the origin, nothing elsewhere."""

    def __init__(self, density: float, radius: float):
        super().__init__(density)
        self.radius = radius

    def __call__(self, points, directions=None):
        values = super().__call__(points)
        values[:, :2] *= (points.norm(dim=1, keepdim=True) < self.radius).float()
        return values
