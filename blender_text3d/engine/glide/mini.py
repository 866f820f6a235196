# SPDX-License-Identifier: GPL-3.0-or-later
"""The small GLIDE that ships with the add-on: views of the small models' objects, 64 x 64 pixels, from their words.

It has the classes and tensor names of the official base network. It differs in size, in its tokens, which are the words
of the small models, in that its places are squares of four pixels, and in that its layers estimate the velocity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import torch

from ...prompts.notices import prompt_notice
from ...prompts.reader import cached_reading
from ...prompts.vocabulary import Vocabulary
from ..diffusion.noise import Noise
from ..mini.files import GLIDE_WEIGHTS, VOCABULARY
from ..weights.errors import BrokenWeights
from ..weights.loading.checkpoint_parts import GLIDE_TEXT
from ..weights.loading.load_tensors import file_sha256, load_float32, load_prefixed
from .configs import GlideConfig
from .pictures import PictureStep, PictureSteps, small_pictures
from .qualities import MINI_GUIDANCE, MINI_QUALITIES
from .rounding import to_bytes
from .text_transformer import TextFeatures, TextTransformer
from .unet import UNet

MODEL = "mini/three-step"
CONFIG = GlideConfig(
    image_size=64,
    num_channels=32,
    num_res_blocks=1,
    channel_mult=(1, 2, 3),
    num_head_channels=32,
    attention_resolutions=(16, 8),
    text_ctx=12,
    xf_width=96,
    xf_layers=2,
    xf_heads=4,
    vocabulary=409,
    groups=8,
    patch=2,
    velocity=True,
)


class MiniGlide:
    """The networks on one device; they are read when pictures are made first, and freed by `close`.

    Attributes:
        device: where they run.
        sha256: hash of the file.
    """

    repairs: ClassVar = {"image": "mini/glide. Reinstall the add-on"}

    def __init__(self, device: torch.device, source: str = "", path: Path = GLIDE_WEIGHTS) -> None:
        """Find the file.

        Args:
            device: where to run.
            source: not used.
            path: file of the weights.

        Raises:
            BrokenWeights: the file is missing.
        """
        self.device = device
        self.sha256 = file_sha256(path)
        self._path = path

    def pictures(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        quality: str,
        guidance: float | None = None,
        negative_prompt: str = "",
        size: int = 0,
    ) -> PictureSteps:
        """Make one view per prompt and seed: yield steps, return (B, 64, 64, 3) uint8 sRGB.

        A view is the same alone and in a batch.

        Args:
            prompts: B texts.
            seeds: B seeds.
            quality: "exact", "standard" or "draft".
            guidance: guidance scale; None for the model's own.
            negative_prompt, size: not used.

        Raises:
            InvalidPicture: the network gave numbers that are not finite.
            BrokenWeights: the file is corrupt.
        """
        for prompt in dict.fromkeys(prompts):
            if notice := prompt_notice(cached_reading(prompt, self._vocabulary), self._vocabulary):
                yield PictureStep("image", 0, 1, notice=notice)
        sampling, scale = MINI_QUALITIES[quality], MINI_GUIDANCE if guidance is None else guidance
        return to_bytes((yield from small_pictures(self, prompts, sampling, Noise(seeds), scale)))

    def unet(self, name: str) -> UNet:
        """Return the UNet.

        Raises:
            BrokenWeights: the file is corrupt.
        """
        return self._networks[1]

    @torch.inference_mode()
    def features(self, name: str, prompts: Sequence[str]) -> TextFeatures:
        """Return the features of prompts as the small models read them; of "" those without text.

        Raises:
            BrokenWeights: the file is corrupt.
        """
        ids = torch.zeros(len(prompts), CONFIG.text_ctx, dtype=torch.long)
        for row, prompt in enumerate(prompts):
            known = [self._ids[token] for token in cached_reading(prompt, self._vocabulary).tokens]
            ids[row, : len(known)] = torch.tensor(known, dtype=torch.long)
        features: TextFeatures = self._networks[0](ids.to(self.device), (ids > 0).to(self.device))
        return features

    def close(self) -> None:
        """Free the memory of the networks."""
        self.__dict__.pop("_networks", None)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.read(VOCABULARY, MODEL)

    @cached_property
    def _ids(self) -> Mapping[str, int]:
        """The IDs of the words in the text network: of all words, if it was trained with them.

        Raises:
            BrokenWeights: it was trained with other words.
        """
        known = self._networks[0].token_embedding.num_embeddings - 1
        for ids in (Vocabulary.read(VOCABULARY).ids, self._vocabulary.ids):
            if len(ids) == known:
                return ids
        raise BrokenWeights(
            f"The weights file {self._path} was trained with {known} words, and this version has "
            f"{len(self._vocabulary.ids)}. Reinstall the add-on."
        )

    @cached_property
    def _networks(self) -> tuple[TextTransformer, UNet]:
        tensors = load_float32(self._path)
        text = {name: tensor for name, tensor in tensors.items() if name.startswith(GLIDE_TEXT)}
        image = {name: tensor for name, tensor in tensors.items() if name not in text}
        words = text.get("token_embedding.weight")
        config = CONFIG if words is None else replace(CONFIG, vocabulary=len(words))
        return (
            load_prefixed(TextTransformer(config), text, "", self.device),
            load_prefixed(UNet(CONFIG), image, "", self.device),
        )
