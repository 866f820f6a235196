# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a caption's vectors lie around the mean of all captions, in coordinates that are good to learn."""

from dataclasses import dataclass

import torch
from torch import Tensor

from blender_text3d.engine.image.mini_tower import FAMILIES


@dataclass(frozen=True)
class Targets:
    """Coordinates of the vectors of F families, E numbers each, along their main axes.

    The spread along an axis is the root of its spread in the vectors, so that fine differences count, but less.

    Attributes:
        middle: [F E], the mean of all captions.
        axes: [F E, F E], block by block: coordinates @ axes are differences from the middle.
        inverse: [F E, F E], the other way.
    """

    middle: Tensor
    axes: Tensor
    inverse: Tensor

    @classmethod
    def of(cls, vectors: Tensor) -> "Targets":
        """The coordinates fit for some captions' vectors [S, F E]."""
        middle = vectors.mean(0)
        blocks = [_block(part) for part in (vectors - middle).chunk(len(FAMILIES), dim=1)]
        axes, inverse = (torch.block_diag(*matrices) for matrices in zip(*blocks, strict=True))
        return cls(middle, axes, inverse)

    def coordinates(self, vectors: Tensor) -> Tensor:
        """[S, F E] -> [S, F E], of mean square about 1 in each family."""
        return (vectors - self.middle) @ self.inverse

    def save(self, path) -> None:
        """Writes them beside a checkpoint."""
        torch.save(vars(self), path)

    @classmethod
    def load(cls, path) -> "Targets":
        """Reads what `save` wrote."""
        return cls(**torch.load(path))


def _block(differences: Tensor) -> tuple[Tensor, Tensor]:
    """(coordinates to differences, differences to coordinates) of one family, both [E, E]."""
    _, singular, axes = torch.linalg.svd(differences, full_matrices=False)
    spread = (singular / len(differences) ** 0.5).clamp(min=1e-6 * singular[0] / len(differences) ** 0.5).sqrt()
    spread = spread * spread.square().mean().sqrt()  # so that coordinates, differences / spread, have mean square 1
    return spread[:, None] * axes, axes.T / spread
