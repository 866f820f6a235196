# SPDX-License-Identifier: GPL-3.0-or-later
"""Muon for networks with convolutions, whose weights are taken for matrices with a row per output channel.

Source: Jordan et al. 2024 (Muon); Liu et al. 2025, equation 4, for the size of its updates.
"""

import torch

COEFFICIENTS = (3.4445, -4.775, 2.0315)
"""Of the polynomial that brings singular values near 1 in a few iterations."""
ITERATIONS = 5
UPDATE_SIZE = 0.2
"""Root mean square of the updates, AdamW's."""


class Muon(torch.optim.Optimizer):
    """Momentum whose direction is made orthogonal, for weights of two and more dimensions."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        """Update all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)

    def _update(self, parameter, group):
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        average = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
        direction = orthogonal(parameter.grad.lerp(average, group["momentum"]).flatten(1))
        size = UPDATE_SIZE * max(direction.shape) ** 0.5
        parameter.mul_(1 - group["lr"] * group["weight_decay"])
        parameter.add_(direction.view_as(parameter), alpha=-group["lr"] * size)


def orthogonal(matrix):
    """Return a matrix (R, C) float32 with its singular values replaced by about 1."""
    a, b, c = COEFFICIENTS
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T
