# SPDX-License-Identifier: GPL-3.0-or-later
"""The official GLIDE: its checkpoints' networks, loaded when they are needed.

On the CPU a network is mapped from its file and released after its run, so that one of the four is in memory at a time.
On other devices the UNets stay.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch

from ..device import precision_of
from ..weights.loading.load_network import load_network
from .configs import OFFICIAL
from .text_transformer import TextFeatures, TextTransformer
from .tokenizer import tokenize
from .unet import UNet

MAX_TEXTS = 64
"""Texts whose features are kept; about 270 kB each."""
NETWORKS: dict[str, Callable[..., Any]] = {"glide text": TextTransformer, "glide image": UNet}
"""The network of each part of a checkpoint."""

LoadPart = Callable[[str, str, torch.device], torch.nn.Module]
"""("base" or "upsample", part of the checkpoint, device) -> the part's network in float32."""


def load_part(name: str, part: str, device: torch.device) -> torch.nn.Module:
    """Load one part of a checkpoint.

    Raises:
        MissingWeights, BrokenWeights: the checkpoint is missing or corrupt.
    """
    network: torch.nn.Module = load_network(
        f"glide/{name}", lambda: NETWORKS[part](OFFICIAL[name]), device, part=part
    ).network
    return network


class Glide:
    """Both checkpoints on one device.

    Attributes:
        device: where they run.
    """

    repairs: ClassVar = {
        "image": "glide/base. Download that checkpoint again",
        "enlarge": "glide/upsample. Download that checkpoint again",
    }

    def __init__(self, device: torch.device, load: LoadPart = load_part) -> None:
        self.device = device
        self._load = load
        self._features: dict[tuple[str, str], TextFeatures] = {}
        self._unets: dict[str, UNet] = {}

    def unet(self, name: str) -> UNet:
        """Return the UNet of "base" or "upsample", in half precision on CUDA. On the CPU nobody else keeps it.

        Raises:
            MissingWeights, BrokenWeights: the checkpoint is missing or corrupt.
        """
        if name in self._unets:
            return self._unets[name]
        network = self._load(name, "glide image", self.device)
        assert isinstance(network, UNet)
        if precision_of(self.device) == torch.float16:
            network = network.to_half()
        if self.device.type != "cpu":
            self._unets[name] = network
        return network

    @torch.no_grad()
    def features(self, name: str, prompts: Sequence[str]) -> TextFeatures:
        """Return the features of prompts as a checkpoint's text transformer reads them; each prompt is read once.

        Raises:
            MissingWeights, BrokenWeights: the checkpoint is missing or corrupt.
        """
        wanted = list(dict.fromkeys(prompts))
        if len(self._features) + len(wanted) > MAX_TEXTS:
            self._features.clear()
        if unread := [prompt for prompt in wanted if (name, prompt) not in self._features]:
            self._read(name, unread)
        rows = [self._features[name, prompt] for prompt in prompts]
        return TextFeatures(*(torch.cat(values) for values in zip(*rows, strict=True)))

    def _read(self, name: str, prompts: list[str]) -> None:
        transformer = self._load(name, "glide text", self.device)
        assert isinstance(transformer, TextTransformer)
        texts = [tokenize(prompt, transformer.config.text_ctx) for prompt in prompts]
        ids = torch.tensor([text.ids for text in texts], device=self.device)
        mask = torch.tensor([text.mask for text in texts], device=self.device)
        read = transformer(ids, mask)
        for row, prompt in enumerate(prompts):
            self._features[name, prompt] = TextFeatures(*(values[row : row + 1].clone() for values in read))
