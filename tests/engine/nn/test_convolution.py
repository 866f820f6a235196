# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolutions by oneDNN are those of PyTorch, and learn."""

import pytest
import torch
from torch import nn

from blender_text3d.engine.nn.convolution import Conv3d, can_use_onednn

SIZES = ((4, 6, 3, 1, 1), (4, 6, 2, 2, 0), (6, 4, 1, 1, 0))
"""Channels of input and output, side of the kernel, stride and padding."""


def numbers(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("batch", [1, 2])
@torch.inference_mode()
def test_a_convolution_is_that_of_pytorch(size, batch):
    layer, x = Conv3d(*size), numbers(batch, size[0], 8, 8, 8)
    torch.testing.assert_close(layer(x), nn.Conv3d.forward(layer, x), atol=1e-5, rtol=1e-5)


def test_gradients_are_those_of_pytorch():
    layer, x = Conv3d(*SIZES[0]), numbers(1, 4, 8, 8, 8)
    own, expected = (torch.autograd.grad(forward(x).square().sum(), layer.weight) for forward in (layer, plain(layer)))
    torch.testing.assert_close(own, expected)


def plain(layer):
    return lambda x: nn.Conv3d.forward(layer, x)


def test_onednn_is_used_for_float32_on_a_cpu_without_gradients_only():
    x, weight = numbers(1, 4, 8, 8, 8), numbers(6, 4, 3, 3, 3)
    assert not can_use_onednn(x, weight), "a gradient may be required"
    with torch.inference_mode():
        assert can_use_onednn(x, weight) == torch.backends.mkldnn.is_available()
        assert not can_use_onednn(x.half(), weight.half())
        assert not can_use_onednn(x.to("meta"), weight.to("meta"))
        with torch.backends.mkldnn.flags(enabled=False):
            assert not can_use_onednn(x, weight)
