# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is read while memory runs out is not reported as corrupt: corrupt weights would be quarantined."""

import zipfile
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from PIL import Image

from blender_text3d.engine.image import image_file
from blender_text3d.engine.shap_e.saved_latent import load_latent, save_latent
from blender_text3d.engine.weights.formats import open_tensors, torch_zip, torchscript, torchscript_pickle


def no_memory(*_arguments, **_options):
    raise MemoryError


@pytest.fixture
def weights(tmp_path):
    """A file of torch's own, with one tensor."""
    torch.save({"a": torch.zeros(3)}, tmp_path / "weights.pt")
    return tmp_path / "weights.pt"


def test_a_latent(tmp_path, monkeypatch):
    save_latent(tmp_path / "latent.npz", np.zeros(3, np.float32))
    monkeypatch.setattr(zipfile.ZipFile, "open", no_memory)
    with pytest.raises(MemoryError):
        load_latent(tmp_path / "latent.npz", 3)


@pytest.mark.parametrize("what", ["open", "load"])
def test_a_picture(what, tmp_path, monkeypatch):
    Image.new("RGB", (64, 64)).save(tmp_path / "picture.png")
    kind = Image if what == "open" else Image.open(tmp_path / "picture.png").__class__
    monkeypatch.setattr(kind, what, no_memory)
    with pytest.raises(
        MemoryError if what == "open" else image_file.BadImage, match=None if what == "open" else "memory"
    ):
        image_file.read_image(tmp_path / "picture.png")


@pytest.mark.parametrize("module", [torch_zip, torchscript])
def test_a_zip_of_weights(module, weights, monkeypatch):
    monkeypatch.setattr(module, "open_archive", no_memory)
    read = module.locate_tensors if module is torchscript else lambda path: module.read_shapes(path, path.name)
    with pytest.raises(MemoryError):
        read(weights)
    with pytest.raises(MemoryError) if module is torchscript else nullcontext():
        torchscript.is_torchscript(weights)


@pytest.mark.parametrize("module", [torch_zip, torchscript_pickle])
def test_a_pickle_of_weights(module, monkeypatch):
    reader = module._TableUnpickler if module is torch_zip else module._ModuleUnpickler
    monkeypatch.setattr(reader, "load", no_memory)
    with pytest.raises(MemoryError):
        module._unpickle_table("x", b"") if module is torch_zip else module.unpickle_module(b"")


def test_what_torch_reads(weights, monkeypatch):
    monkeypatch.setattr(torch, "load", no_memory)
    with pytest.raises(MemoryError):
        open_tensors.read_tensors(weights, lambda _name: True)
