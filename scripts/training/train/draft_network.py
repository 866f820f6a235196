# SPDX-License-Identifier: GPL-3.0-or-later
"""A trainable low-rank update of a frozen network, for drafts.

Source: Hu et al. 2021 (LoRA), section 4.1.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from blender_text3d.engine.weights.loading.updates import DIFFERENCE, DOWN, RANK, UP, is_updated_by_rank, updated


class DraftConfig(Protocol):
    """A reference to the network that a draft updates."""

    def load(self) -> nn.Module:
        """Load that network, on the CPU."""
        ...


class DraftNetwork(nn.Module):
    """A frozen network with a trainable update of its tensors by `updated`'s names, "." as "-"."""

    def __init__(self, config: DraftConfig):
        super().__init__()
        self.config = config
        self.base = config.load().requires_grad_(False)
        self.update = nn.ParameterDict()
        for name, tensor in self.base.state_dict().items():
            for key, value in first_update(name, tensor).items():
                self.update[key.replace(".", "-")] = nn.Parameter(value)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Evaluate the network."""
        tensors = updated(self.base.state_dict(), self.tensors())
        return torch.func.functional_call(self.base, tensors, inputs)

    @torch.no_grad()
    def take(self, update: dict[str, Tensor]) -> None:
        """Take over an update's tensors by name, such as that of other distilled weights."""
        for name, value in update.items():
            self.update[name.replace(".", "-")].copy_(value)

    def tensors(self) -> dict[str, Tensor]:
        """Return the update's tensors by name."""
        return {key.replace("-", "."): value for key, value in self.update.items()}


def first_update(name, tensor):
    """Return the tensors of an update of one tensor that changes nothing yet."""
    if not is_updated_by_rank(tensor):
        return {name + DIFFERENCE: torch.zeros_like(tensor)}
    rows, columns = tensor.shape
    return {name + UP: torch.zeros(rows, RANK), name + DOWN: torch.randn(RANK, columns) * columns**-0.5}
