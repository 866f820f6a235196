# SPDX-License-Identifier: GPL-3.0-or-later
"""The text-to-image models that make the view, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from ..glide.mini import MiniGlide
from ..glide.official import Glide
from ..glide.pictures import PictureSteps, sample_pictures
from ..glide.qualities import GUIDANCE, QUALITIES
from ..weights.loading.load_network import checkpoint_sha256
from .diffusers_model import DiffusersModel


class ImageModel(Protocol):
    """A text-to-image model on one device.

    Its networks are read from their files when pictures are made, and freed by `close`, after which it can be used
    again: the view's networks are never in memory together with those of the object.

    Attributes:
        device: where it runs.
        sha256: hash of the weights.
    """

    @property
    def device(self) -> torch.device: ...
    @property
    def sha256(self) -> str: ...

    def pictures(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        quality: str,
        guidance: float | None = None,
        negative_prompt: str = "",
        size: int = 0,
    ) -> PictureSteps:
        """Make one picture per prompt and seed: yield steps, return (B, H, W, 3) uint8 sRGB.

        Args:
            prompts: B texts.
            seeds: B seeds; a picture is the same alone and in a batch.
            quality: "exact", "standard" or "draft".
            guidance: guidance scale; None for the model's own.
            negative_prompt: what the pictures should not show; only some models take one.
            size: side of the pictures in pixels; 0 for the model's own. Only some models take one.

        Raises:
            InvalidPicture: a network gave numbers that are not finite.
            MissingWeights, BrokenWeights: its weights are missing or corrupt.
        """
        ...

    def close(self) -> None:
        """Free the memory of the networks."""
        ...


@dataclass(frozen=True)
class ImageModelEntry:
    """Loader of a text-to-image model, and the needs of that model.

    Attributes:
        load: (device, source) -> the model. It finds and checks the weights, and reads no network yet. The source is
            `Recipe.image_model_source`, the folder or name of a pipeline; "" for other models.
        checkpoints: names in the catalogue that a quality needs.
        writes_prompt: True if a prompt for one object on a plain ground is written for it, see `view_prompt`.
    """

    load: Callable[[torch.device, str], ImageModel]
    checkpoints: Callable[[str], tuple[str, ...]] = lambda quality: ()
    writes_prompt: bool = True


class OfficialGlide:
    """The official GLIDE as a model that makes views."""

    def __init__(self, device: torch.device, source: str = "") -> None:
        """Find the checkpoint.

        Raises:
            MissingWeights, BrokenWeights: the checkpoint is missing or corrupt.
        """
        self.device = device
        self.sha256 = checkpoint_sha256("glide/base")
        self._glide: Glide | None = None

    def pictures(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        quality: str,
        guidance: float | None = None,
        negative_prompt: str = "",
        size: int = 0,
    ) -> PictureSteps:
        """Make one picture per prompt and seed, see `ImageModel`; GLIDE takes no negative prompt and no size."""
        self._glide = self._glide or Glide(self.device)
        return sample_pictures(self._glide, prompts, seeds, quality, GUIDANCE if guidance is None else guidance)

    def close(self) -> None:
        """Free the memory of the networks."""
        self._glide = None


def glide_checkpoints(quality: str) -> tuple[str, ...]:
    """Return the checkpoints of GLIDE that a quality needs: the one that enlarges is left out of drafts."""
    return ("glide/base", "glide/upsample") if QUALITIES[quality].upsample else ("glide/base",)


IMAGE_MODELS: dict[str, ImageModelEntry] = {
    "mini/glide": ImageModelEntry(MiniGlide, writes_prompt=False),
    "glide": ImageModelEntry(OfficialGlide, glide_checkpoints),
    "diffusers": ImageModelEntry(DiffusersModel),
}
"""Text-to-image models by name: see IMAGE_MODELS of protocol/models.py."""
