# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E that ships with the add-on: its sizes, its networks, loaded, and what it knows of a prompt."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..mini.files import POINT_E_WEIGHTS, VOCABULARY
from ..nn.point_transformer import PointTransformerConfig
from ..text.word_encoder import WordEncoder, WordEncoderConfig
from ..text.words import Reading, Vocabulary
from ..weights.load import fill, sha256_of, tensors_of
from .grouped import CHANNELS, GroupedBase, GroupedUpsampler
from .sdf import CrossAttentionPointCloudSDFModel, SDFConfig
from .upsampler import UpsamplerConfig

CHANNEL_SCALES = (1.0, 1.0, 1.0, 1 / 127.5, 1 / 127.5, 1 / 127.5)
CHANNEL_BIASES = (0.0, 0.0, 0.0, -1.0, -1.0, -1.0)
"""What the networks see: xyz in model space, which fills ±0.9, as it is, and RGB 0..255 as -1..1."""

BASE_POINTS, NEW_POINTS = 256, 1024
"""Points of the coarse cloud, and those that the upsampler makes around them."""
SDF_POINTS = 512

MINI_BASE = PointTransformerConfig(
    input_channels=8 * CHANNELS,
    output_channels=8 * CHANNELS,
    n_ctx=BASE_POINTS // 8,
    width=192,
    layers=6,
    heads=6,
    condition_channels=128,
    condition_added=True,
    use_pos_emb=True,
)
MINI_UPSAMPLER = UpsamplerConfig(
    input_channels=4 * CHANNELS,
    output_channels=4 * CHANNELS,
    n_ctx=NEW_POINTS // 4,
    width=96,
    layers=4,
    heads=4,
    condition_channels=128,
    condition_added=True,
    cond_ctx=BASE_POINTS,
    cond_input_channels=CHANNELS,
    channel_scales=CHANNEL_SCALES,
    channel_biases=CHANNEL_BIASES,
)
MINI_SDF = SDFConfig(
    width=96, encoder_layers=3, encoder_heads=4, decoder_layers=2, decoder_heads=2, n_ctx=SDF_POINTS, position_octaves=6
)


def mini_word_encoder(words: int) -> WordEncoderConfig:
    """The small Point-E's text encoder over a vocabulary of `words` words."""
    return WordEncoderConfig(words=words, output_channels=MINI_BASE.condition_channels)


@dataclass(frozen=True)
class MiniPointE:
    """Networks of the small Point-E on one device."""

    vocabulary: Vocabulary
    text: WordEncoder
    base: GroupedBase
    upsampler: GroupedUpsampler
    sdf: CrossAttentionPointCloudSDFModel
    device: torch.device
    sha256: str

    @classmethod
    def load(cls, device: torch.device) -> "MiniPointE":
        """Reads the shipped files.

        Raises:
            BrokenWeights: a file is missing, damaged or of another version.
        """
        vocabulary, tensors = Vocabulary.read(VOCABULARY), tensors_of(POINT_E_WEIGHTS)
        networks = {
            "text": WordEncoder(mini_word_encoder(len(vocabulary.ids))),
            "base": GroupedBase(MINI_BASE),
            "upsampler": GroupedUpsampler(MINI_UPSAMPLER),
            "sdf": CrossAttentionPointCloudSDFModel(MINI_SDF),
        }
        filled = {name: fill(network, tensors, f"{name}.", device) for name, network in networks.items()}
        return cls(vocabulary, **filled, device=device, sha256=sha256_of(POINT_E_WEIGHTS))

    @torch.inference_mode()
    def condition(self, reading: Reading) -> Tensor:
        """[1, K] unit vector of a prompt; zeros, the unconditional one, where no word is known."""
        ids = torch.zeros(1, self.text.config.n_ctx, dtype=torch.long, device=self.device)
        numbers = [self.vocabulary.ids[token] for token in reading.tokens][: ids.shape[1]]
        ids[0, : len(numbers)] = torch.tensor(numbers, dtype=torch.long)
        vector = self.text(ids)
        return vector if numbers else torch.zeros_like(vector)
