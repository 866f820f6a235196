# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors of a file of any format, and errors that name the file."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats import open_tensors
from blender_text3d.engine.weights.formats.open_tensors import read_tensors

TENSORS = {"a.weight": torch.ones(2, dtype=torch.float16), "b.weight": torch.arange(3), "a.bias": torch.zeros(())}
CLIP = Path(__file__).parents[1] / "text" / "clip_tiny.pt"


@pytest.fixture(params=["pt", "safetensors"])
def path(request, tmp_path):
    path = tmp_path / f"net.{request.param}"
    torch.save(TENSORS, path) if request.param == "pt" else save_file(TENSORS, path)
    return path


def test_all_tensors_are_read_in_the_files_dtype(path):
    found = read_tensors(path)
    assert found.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def test_only_wanted_tensors_are_returned(path):
    assert read_tensors(path, lambda name: name.startswith("a.")).keys() == {"a.weight", "a.bias"}


def test_the_wanted_tensors_of_torchscript_are_returned():
    every = read_tensors(CLIP)
    wanted = read_tensors(CLIP, lambda name: name.startswith("visual."))
    assert wanted.keys() == {name for name in every if name.startswith("visual.")}
    assert 0 < len(wanted) < len(every)


def test_a_truncated_file_is_named(path):
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BrokenWeights, match=rf"^{path.name} is truncated or corrupt \(.+\)\.$"):
        read_tensors(path)


def test_a_missing_file_is_named_with_its_folder(tmp_path):
    with pytest.raises(BrokenWeights, match=rf"^{tmp_path}/none.pt cannot be read \(No such file or directory\)\.$"):
        read_tensors(tmp_path / "none.pt")


@pytest.mark.parametrize("value", [[torch.ones(1)], {"a": 1}, {"a": torch.ones(1), "b": None}, torch.ones(1)])
def test_a_file_with_other_values_is_refused(tmp_path, value):
    torch.save(value, tmp_path / "net.pt")
    with pytest.raises(BrokenWeights, match="^net.pt contains more than named tensors.$"):
        read_tensors(tmp_path / "net.pt")


def test_a_file_that_could_run_code_is_not_opened(tmp_path):
    torch.save({"a": Path("anything")}, tmp_path / "net.pt")
    with pytest.raises(
        BrokenWeights, match="^net.pt contains more than tensors; it was not opened, since it could run"
    ):
        read_tensors(tmp_path / "net.pt")


@pytest.mark.parametrize(
    "error", [MemoryError(), pickle.UnpicklingError("no"), RuntimeError("first\nsecond"), KeyError(5)]
)
def test_a_lack_of_memory_is_not_the_files_fault_and_every_other_error_is(tmp_path, monkeypatch, error):
    torch.save(TENSORS, tmp_path / "net.pt")

    def fail(*_arguments, **choices):
        assert choices == {"map_location": "cpu", "weights_only": True, "mmap": True}
        raise error

    monkeypatch.setattr(open_tensors.torch, "load", fail)
    expected = MemoryError if isinstance(error, MemoryError) else BrokenWeights
    with pytest.raises(expected) as raised:
        read_tensors(tmp_path / "net.pt")
    assert "second" not in str(raised.value).splitlines()[1:]


def test_the_reason_of_a_corrupt_file_is_cut_at_a_hundred_characters(tmp_path, monkeypatch):
    def fail(*_arguments, **_choices):
        raise RuntimeError("x" * 500)

    torch.save(TENSORS, tmp_path / "net.pt")
    monkeypatch.setattr(open_tensors.torch, "load", fail)
    expected = "RuntimeError('" + "x" * 86
    with pytest.raises(BrokenWeights, match=rf"^net.pt is truncated or corrupt \({expected.replace('(', '.')}\)\.$"):
        read_tensors(tmp_path / "net.pt")
