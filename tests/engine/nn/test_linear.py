# SPDX-License-Identifier: GPL-3.0-or-later
"""Both implementations of a linear layer agree, and oneDNN's is used only where it is allowed."""

import pytest
import torch
from torch.nn import functional as F

from blender_text3d.engine.nn import linear as module
from blender_text3d.engine.nn.linear import Linear, can_use_onednn, linear, linear_add
from blender_text3d.engine.nn.transformer import Transformer

ACTIVATIONS = {"none": lambda x: x, "gelu": F.gelu, "silu": F.silu}
ROWS = {"2 dimensions": (7,), "3 dimensions": (2, 7), "one row": (1,), "no row": (0,)}


@pytest.fixture
def onednn(monkeypatch):
    """oneDNN's operators for any size; PyTorch for x86 in the pinned versions has them."""
    monkeypatch.setattr(module, "MIN_ONEDNN_WEIGHTS", 1)
    assert module._onednn_is_correct(), (
        "this PyTorch has no oneDNN operators: the slower functions run, and these tests prove nothing"
    )


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("biased", [True, False])
@torch.inference_mode()
def test_the_result_is_that_of_the_plain_functions(onednn, rows, activation, biased):
    x, weight, bias = numbers(*rows, 48), numbers(33, 48, seed=1) / 7, numbers(33, seed=2) if biased else None
    expected = ACTIVATIONS[activation](F.linear(x, weight, bias))
    torch.testing.assert_close(linear(x, weight, bias, activation), expected, atol=1e-5, rtol=1e-5)
    residual = numbers(*rows, 33, seed=3)
    copy = residual.clone()
    torch.testing.assert_close(
        linear_add(residual, x, weight, bias), residual + F.linear(x, weight, bias), atol=1e-5, rtol=1e-5
    )
    assert torch.equal(residual, copy)


@pytest.mark.parametrize("gaps", ["x", "weight", "residual", "all"])
@torch.inference_mode()
def test_tensors_that_are_not_contiguous_give_the_same_result(onednn, gaps):
    def strided(tensor, name):
        if gaps not in (name, "all"):
            return tensor
        wide = torch.zeros(*tensor.shape[:-1], tensor.shape[-1] + 5)
        wide[..., : tensor.shape[-1]] = tensor
        return wide[..., : tensor.shape[-1]]

    x = strided(numbers(2, 9, 16), "x")
    weight, residual = strided(numbers(8, 16, seed=1), "weight"), strided(numbers(2, 9, 8, seed=2), "residual")
    torch.testing.assert_close(linear(x, weight), F.linear(x, weight), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(linear_add(residual, x, weight), residual + F.linear(x, weight), atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_onednn_gets_contiguous_weights_only(onednn, monkeypatch):
    """Other weights take a thousand times as long there."""
    contiguous = []

    class Spy:
        def __call__(self, x, weight, *_):
            contiguous.append(weight.is_contiguous())
            return F.linear(x, weight)

        def binary(self, x, residual, weight, *_):
            contiguous.append(weight.is_contiguous())
            return residual + F.linear(x, weight)

    monkeypatch.setattr(torch.ops.mkldnn, "_linear_pointwise", Spy(), raising=False)
    weight = numbers(8, 20)[:, :16]
    linear(numbers(3, 16), weight)
    linear_add(numbers(3, 8), numbers(3, 16), weight)
    assert contiguous == [True, True]


@torch.inference_mode()
def test_the_official_networks_are_large_and_the_small_ones_are_not():
    assert can_use_onednn(numbers(2, 512), numbers(512, 512)), "Point-E's narrowest layer"
    assert not can_use_onednn(numbers(2, 192), numbers(768, 192)), "the small Shap-E's widest"
    assert not can_use_onednn(numbers(2, 256), numbers(256, 256)), (
        "Shap-E's field, called with ever-changing numbers of points"
    )


def test_onednn_is_not_used_for_other_inputs(onednn):
    x, weight = numbers(3, 4), numbers(5, 4)
    assert not can_use_onednn(x, weight), "a gradient may be required"
    with torch.inference_mode():
        assert can_use_onednn(x, weight)
        assert not can_use_onednn(x.double(), weight.double())
        assert not can_use_onednn(x.half(), weight.half())
        assert not can_use_onednn(x.to("meta"), weight.to("meta"))
        assert not can_use_onednn(x[0], weight), "a vector"
        assert not can_use_onednn(x[:0], weight), "nothing"
        with torch.backends.mkldnn.flags(enabled=False):
            assert not can_use_onednn(x, weight)


@pytest.mark.parametrize("flaw", [AttributeError, RuntimeError, NotImplementedError, TypeError, "wrong numbers"])
def test_changed_operators_are_not_used(monkeypatch, flaw):
    monkeypatch.setattr(module, "MIN_ONEDNN_WEIGHTS", 1)

    def changed(x, weight, *_):
        if flaw == "wrong numbers":
            return F.linear(x, weight)
        raise flaw("changed")

    monkeypatch.setattr(module, "_onednn", changed)
    module._onednn_is_correct.cache_clear()
    try:
        with torch.inference_mode():
            x, weight, bias = numbers(3, 4), numbers(5, 4), numbers(5)
            assert not can_use_onednn(x, weight)
            assert torch.equal(linear(x, weight, bias, "gelu"), F.gelu(F.linear(x, weight, bias)))
    finally:
        module._onednn_is_correct.cache_clear()


def test_gradients_flow_through_the_plain_functions():
    layer, x, residual = Linear(6, 5), numbers(3, 6), numbers(3, 5)
    (layer(x, "gelu").sum() + layer.add_to(residual, x).sum()).backward()
    assert layer.weight.grad.abs().sum() > 0
    assert layer.bias.grad.abs().sum() > 0


def test_a_transformer_gives_the_same_output_with_both(onednn):
    torch.manual_seed(0)
    transformer, x = Transformer(32, 3, 4), numbers(2, 11, 32)
    expected = transformer(x, 2).detach()
    with torch.inference_mode():
        torch.testing.assert_close(transformer(x, 2), expected, atol=1e-5, rtol=1e-5)
