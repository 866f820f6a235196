# SPDX-License-Identifier: GPL-3.0-or-later
"""3D convolutions by oneDNN, also of a single sample.

For a single small sample on a CPU, PyTorch copies the 27 neighbors of every voxel into a matrix, which takes up to ten
times as long as oneDNN, which it uses for several samples.

Source: PyTorch, aten/src/ATen/native/Convolution.cpp (`use_mkldnn`).
"""

import torch
from torch import Tensor, nn


class Conv3d(nn.Conv3d):
    """`nn.Conv3d` with zeros around it, faster for a single sample on a CPU if no gradient is required."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer: (B, I, X, Y, Z) float -> (B, O, X, Y, Z) float, by its stride smaller."""
        if isinstance(self.padding, str) or not can_use_onednn(x, self.weight):
            return super().forward(x)
        return torch.mkldnn_convolution(
            x, self.weight, self.bias, self.padding, self.stride, self.dilation, self.groups
        )


def can_use_onednn(x: Tensor, weight: Tensor) -> bool:
    """True if oneDNN can convolve x (B, I, X, Y, Z) float with weight (O, I, 3, 3, 3) float.

    `torch.backends.mkldnn.enabled = False` disables it.
    """
    return (
        x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and not torch.is_grad_enabled()
        and torch.backends.mkldnn.is_available()
        and bool(torch.backends.mkldnn.enabled)
    )
