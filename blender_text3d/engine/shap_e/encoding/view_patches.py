# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels of a view with their places in space to tokens, one token for each patch.

Attribute names are exactly those of the official checkpoint. It has two convolutions with nothing in between, which
are one: the 3 x 3 one over all pixels, then the one over patches. Both are linear, so background pixels, which
share one learned vector, need no product: they are added for all views at once, and a patch that shows only background
costs nothing. Neither does the camera's position, which is the same for all pixels of a view.

Source: tensor names and shapes of the released transmitter.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...nn.embedding import positional_encoding
from ...nn.linear import linear
from .encoder_inputs import MIN_OPAQUE, PerceiverEncoderConfig


class MultiviewPointCloudEmbedding(nn.Conv2d):
    """The 3 x 3 convolution over encoded color, camera position and surface position of each pixel.

    Attributes:
        unk_token: (channels,) float32, the encoding of a background pixel.
    """

    def __init__(self, channels: int, width: int):
        super().__init__(channels, width, 3, padding=1)
        self.unk_token = nn.Parameter(torch.randn(channels))


class PatchProjection:
    """Both convolutions as one product of patches, 1 pixel larger on each side, with a matrix."""

    def __init__(self, embed: MultiviewPointCloudEmbedding, patch: nn.Conv2d, config: PerceiverEncoderConfig):
        """Multiply the two convolutions.

        Args:
            embed: the convolution over pixels.
            patch: the convolution over patches.
            config: size of the encoder.
        """
        self.config = config
        weight = merged_kernel(embed.weight, patch.weight)
        _, self.of_origin, _ = weight.split(config.vector_channels, dim=3)
        self.of_unknown = (weight @ embed.unk_token).flatten(1).T
        varying = torch.cat([weight[..., : config.vector_channels], weight[..., -config.vector_channels :]], dim=3)
        self.of_pixels = varying.flatten(1)
        bias = cast(Tensor, patch.bias) + patch.weight.sum(dim=(2, 3)) @ cast(Tensor, embed.bias)
        inside = torch.ones(config.image_size, config.image_size, device=weight.device)
        self.background = self.windows(inside) @ self.of_unknown + bias

    def windows(self, image: Tensor) -> Tensor:
        """Return the patches of an image (S, S) float32 with a border of zeros, (patches, kernel^2) float32."""
        size = self.config.patch_size
        return (
            F.pad(image, (1, 1, 1, 1)).unfold(0, size + 2, size).unfold(1, size + 2, size).reshape(-1, (size + 2) ** 2)
        )

    def tokens(self, image: Tensor, alpha: Tensor, origin: Tensor, position: Tensor) -> Tensor:
        """Return the tokens of one view, row by row, (patches, width) float32.

        Args:
            image: (S, S, 3) uint8 sRGB.
            alpha: (S, S) uint8.
            origin: (3,) float32, the camera's position.
            position: (3, S, S) float32, the place of each pixel's surface.
        """
        is_object = is_opaque(alpha)
        windows = self.windows(is_object.float())
        shown = windows.any(dim=1).nonzero()[:, 0]
        encoded_origin = positional_encoding(origin, self.config.octaves)
        constant = (self.of_origin @ encoded_origin).flatten(1).T - self.of_unknown
        tokens = self.background.clone()
        pixels = self.encoded_pixels(image, is_object, position)
        size = self.config.patch_size
        patches = pixels.unfold(0, size + 2, size).unfold(1, size + 2, size).flatten(0, 1).permute(0, 2, 3, 1)
        for part in shown.split(CPU_PATCHES if shown.device.type == "cpu" else PATCHES):
            varying = linear(patches[part].flatten(1), self.of_pixels)
            tokens[part] += windows[part] @ constant + varying
        return tokens

    def encoded_pixels(self, image: Tensor, is_object: Tensor, position: Tensor) -> Tensor:
        """Return the encoded color and place of the object's pixels, zeros elsewhere, (S + 2, S + 2, C) float32."""
        side, octaves = self.config.image_size, self.config.octaves
        color = positional_encoding(image[is_object].float() / 127.5 - 1, octaves)
        place = positional_encoding(position[:, is_object].T, octaves)
        encoded = color.new_zeros(side + 2, side + 2, 2 * self.config.vector_channels)
        encoded[1:-1, 1:-1][is_object] = torch.cat([color, place], dim=1)
        return encoded


CPU_PATCHES, PATCHES = 256, 1024
"""Patches whose pixels are copied for one product: 19 MB at the official size, and 76 MB on a GPU."""


def is_opaque(alpha: Tensor) -> Tensor:
    """Return True for the pixels of (...) uint8 that show the object."""
    return alpha.float() / 255.0 >= MIN_OPAQUE


def merged_kernel(embed: Tensor, patch: Tensor) -> Tensor:
    """Return the kernel of two convolutions in a row.

    Args:
        embed: (M, C, 3, 3) float32, the first one's.
        patch: (O, M, P, P) float32, the second one's.

    Returns:
        (O, P + 2, P + 2, C) float32.
    """
    size, rows = patch.shape[2], patch.permute(0, 2, 3, 1).contiguous()
    merged = embed.new_zeros(len(patch), size + 2, size + 2, embed.shape[1])
    for row in range(3):
        for column in range(3):
            product = linear(rows, embed[:, :, row, column].T.contiguous())
            merged[:, row : row + size, column : column + size] += product
    return merged
