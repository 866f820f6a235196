# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled training steps: their gradients are those of uncompiled ones."""

import shutil
from argparse import Namespace

import pytest
import torch

from blender_text3d.engine.shap_e.configs import MINI_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from scripts.training.train.accelerate import WITH_ATTENTION, accelerated


def gradients_of(decoder, *, is_compiled):
    torch.manual_seed(0)
    latents, points = 2 * torch.rand(4, 2048) - 1, 2 * torch.rand(4, 256, 3) - 1
    options = Namespace(device="cpu", bfloat16=True, compile=is_compiled)
    decoder.zero_grad()
    accelerated(lambda *inputs: decoder(*inputs).float(), options)(latents, points).square().sum().backward()
    return {
        name: parameter.grad.clone() for name, parameter in decoder.named_parameters() if parameter.grad is not None
    }


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="compiling needs a C++ compiler")
def test_the_compiled_gradients_of_a_decoder_are_right(monkeypatch):
    """In vectors of 512 bits those of the generated weights are not finite."""
    for module in WITH_ATTENTION:
        monkeypatch.setattr(module, "F", module.F)
    torch.manual_seed(1)
    decoder = VectorDecoder(MINI_DECODER)
    right, found = (gradients_of(decoder, is_compiled=flag) for flag in (False, True))
    for name, gradient in right.items():
        assert (found[name] - gradient).abs().max() < 0.05 * gradient.abs().max(), name
