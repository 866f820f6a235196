# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of the official encoder, what it takes, and where its pixels are in space."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

CAMERA_VALUES = 14
"""Numbers of a camera: right, down, forward and position, three each, and the horizontal and vertical field of view."""
MIN_OPAQUE = 0.999
"""Least opacity of a pixel that shows the object; all others count as background."""


@dataclass(frozen=True)
class PerceiverEncoderConfig:
    """Size of an encoder; the defaults are those of the official one.

    Attributes:
        width: channels of a token.
        layers: transformer layers, of which the first `cross_layers` attend to the data and the others to each other.
        d_latent: length of a latent row.
        rows: rows of a latent.
        data_tokens: tokens made of the cloud: its first points with their neighbors.
        points: points that are attended to.
        views: views that are attended to.
        image_size: side of a view in pixels.
        patch_size: side of the square of pixels that becomes a token.
        max_depth: larger depths are reduced to it.
        neighbors: points around a data token's point.
        radius: distance within which neighbors are.
        hidden: output channels of each convolution over the neighbors.
        kernel: length of these convolutions.
        stride: stride of these convolutions.
        octaves: octaves of the positional encoding, colors included.
    """

    width: int = 1024
    layers: int = 12
    heads: int = 8
    cross_layers: int = 1
    d_latent: int = 1024
    rows: int = 1024
    data_tokens: int = 1024
    points: int = 16384
    views: int = 20
    image_size: int = 256
    patch_size: int = 8
    max_depth: float = 9.0
    neighbors: int = 64
    radius: float = 0.5
    hidden: tuple[int, ...] = (1024, 1024)
    kernel: int = 8
    stride: int = 4
    octaves: int = 15

    @property
    def vector_channels(self) -> int:
        """Channels of an encoded vector of three numbers."""
        return 3 * (1 + 2 * self.octaves)


@dataclass(frozen=True)
class EncoderInputs:
    """Objects as the encoder takes them, in model space, where their longest side is 2.

    Attributes:
        points: (B, 6, N) float32: X, Y and Z in [-1, 1], sRGB colors in [0, 1]; in farthest-point order.
        images: (B, V, S, S, 3) uint8 sRGB on black.
        alphas: (B, V, S, S) uint8.
        depths: (B, V, S, S) float32, distances along the camera's axis; infinite for background.
        cameras: (B, V, 14) float32, see `CAMERA_VALUES`.
    """

    points: Tensor
    images: Tensor
    alphas: Tensor
    depths: Tensor
    cameras: Tensor

    def check(self, config: PerceiverEncoderConfig) -> None:
        """Require the shapes that a network of this size takes.

        Raises:
            ValueError: an array has another shape, or there are too few points or views.
        """
        batch, side = len(self.points), config.image_size
        pixels = (batch, self.images.shape[1], side, side)
        shapes = (batch, 6, self.points.shape[-1]), (*pixels, 3), pixels, pixels, (*pixels[:2], CAMERA_VALUES)
        arrays = self.points, self.images, self.alphas, self.depths, self.cameras
        for array, shape in zip(arrays, shapes, strict=True):
            if tuple(array.shape) != shape:
                raise ValueError(f"the encoder takes an array of {shape}, not {tuple(array.shape)}")
        if self.points.shape[2] < config.points or pixels[1] < config.views:
            raise ValueError(f"the encoder needs {config.points} points and {config.views} views")

    def to(self, device: torch.device) -> "EncoderInputs":
        """Return the inputs on a device."""
        return EncoderInputs(*(value.to(device) for value in vars(self).values()))


def pixel_positions(cameras: Tensor, depths: Tensor, max_depth: float) -> tuple[Tensor, Tensor]:
    """Return where the surfaces that pixels show are in space.

    The encoding multiplies the last bits of a place by 2^14, so the arithmetic follows the official one step by step.

    Args:
        cameras: (V, 14) float32; the fields of view of the first one hold for all.
        depths: (V, S, S) float32 along the cameras' axes.
        max_depth: larger depths are reduced to it.

    Returns:
        origins (V, 3) float32 and positions (V, 3, S, S) float32.

    Source: openai/shap-e, shap_e/models/nn/camera.py and shap_e/models/transmitter/channels_encoder.py.
    """
    views, side = depths.shape[0], depths.shape[-1]
    right, down, forward, origin = cameras[:, :12].view(views, 4, 3, 1, 1).unbind(1)
    steps = torch.arange(side, device=cameras.device).float() / (side - 1) * 2 - 1
    slopes = np.tan(cameras[0, 12:].cpu().numpy() / np.float32(2)).tolist()  # torch's last bit depends on the processor
    directions = forward + right * (steps * slopes[0]) + down * (steps * slopes[1])[:, None]
    directions = directions / length(directions)
    facing = directions * forward
    facing = facing[:, 0] + facing[:, 1] + facing[:, 2]
    return origin[..., 0, 0], origin + (depths.clamp(max=max_depth) / facing)[:, None] * directions


def length(vectors: Tensor) -> Tensor:
    """Return the lengths (V, 1, S, S) float32 of vectors (V, 3, S, S) float32.

    The sum is rounded after each term and the products are not, as processors with fused instructions do it:
    `torch.norm` gives other last bits on other processors.
    """
    wide = torch.float32 if vectors.device.type == "mps" else torch.float64  # which Apple's GPU lacks
    x, y, z = (part.to(wide) for part in vectors.split(1, dim=1))
    return (z * z + (y * y + (x * x).float()).float()).float().sqrt()
