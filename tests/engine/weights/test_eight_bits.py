# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights in 8 bits: what is stored, what comes back, and damaged files."""

import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.loading.eight_bits import compressed
from blender_text3d.engine.weights.loading.load_tensors import load_float32

TENSORS = {"matrix": torch.randn(5, 7), "filter": torch.randn(4, 3, 3, 3) * 10, "bias": torch.randn(5)}


@pytest.fixture
def stored(tmp_path):
    save_file(compressed(TENSORS), tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors"


def test_every_value_comes_back_to_half_a_step_of_its_row(stored):
    loaded = load_float32(stored)
    assert loaded.keys() == TENSORS.keys()
    for name in ("matrix", "filter"):
        step = TENSORS[name].flatten(1).abs().amax(1) / 127
        assert ((loaded[name] - TENSORS[name]).flatten(1).abs() <= 0.501 * step[:, None]).all()
    assert torch.allclose(loaded["bias"], TENSORS["bias"], atol=2e-3)
    assert {value.dtype for value in loaded.values()} == {torch.float32}


def test_rows_of_very_different_sizes_keep_their_precision():
    matrix = torch.tensor([[1e-4, -0.5e-4], [100.0, -50.0]])
    values = compressed({"m": matrix})
    assert torch.allclose(values["m"].float() * values["m.scale"][:, None], matrix, rtol=0.01)


def test_a_row_of_zeros_stays_zero(tmp_path):
    save_file(compressed({"m": torch.zeros(2, 3)}), tmp_path / "zeros.safetensors")
    assert torch.equal(load_float32(tmp_path / "zeros.safetensors")["m"], torch.zeros(2, 3))


@pytest.mark.parametrize("damage", ["missing", "truncated", "without a scale", "scale of another size"])
def test_a_damaged_file_is_named_and_reinstalling_advised(stored, damage):
    if damage == "missing":
        stored.unlink()
    elif damage == "truncated":
        stored.write_bytes(stored.read_bytes()[:-20])
    else:
        values = compressed(TENSORS)
        del values["matrix.scale"]
        if damage == "scale of another size":
            values["matrix.scale"] = torch.ones(4)
        save_file(values, stored)
    with pytest.raises(BrokenWeights, match=r"weights\.safetensors is missing or corrupt .*Reinstall the add-on"):
        load_float32(stored)
