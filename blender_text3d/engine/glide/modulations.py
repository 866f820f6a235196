# SPDX-License-Identifier: GPL-3.0-or-later
"""Modulations of GLIDE's residual blocks by the timesteps of a run: computed once, before its loop."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .blocks import Modulation
from .unet import TextCondition, UNet


class StepModulations:
    """The modulations of all residual blocks at all timesteps, one row of numbers per timestep.

    In the loop they would be a quarter of the kernels, each of them tiny.

    Attributes:
        texts: number of texts B.
    """

    @torch.no_grad()
    def __init__(self, network: UNet, text: TextCondition, timesteps: Sequence[int]) -> None:
        self.texts = len(text.xf_proj)
        self._rows = {timestep: row for row, timestep in enumerate(timesteps)}
        self._t = torch.tensor(timesteps, device=text.xf_proj.device)[:, None].repeat(1, self.texts)
        made = network.modulations(self._t.flatten(), text.xf_proj.repeat(len(timesteps), 1))
        parts = [part.reshape(len(timesteps), -1) for modulation in made for part in modulation]
        self._sizes = [part.shape[1] for part in parts]
        self._numbers = torch.cat(parts, dim=1).to(network.precision)

    def at(self, timestep: int) -> tuple[Tensor, Tensor]:
        """Return a timestep (B,) int64 and its row of numbers, in the network's precision."""
        row = self._rows[timestep]
        return self._t[row], self._numbers[row]

    def unpack(self, numbers: Tensor) -> list[Modulation]:
        """Return the modulations of a row, in the order of evaluation."""
        parts = [part.view(self.texts, -1) for part in numbers.split(self._sizes)]
        return [Modulation(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
