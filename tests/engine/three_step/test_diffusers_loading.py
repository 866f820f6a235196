# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that cannot be used: each is refused with a sentence, and nothing in them runs."""

import json
import shutil
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from blender_text3d.engine.three_step import diffusers_library, diffusers_loading
from blender_text3d.engine.three_step.diffusers_folder import BadPipeline, read_saved_pipeline
from blender_text3d.engine.three_step.diffusers_library import MissingPart
from blender_text3d.engine.three_step.diffusers_loading import load_pipeline
from tests.engine.three_step.tiny_pipelines import vae

CPU = torch.device("cpu")
CODE = "from pathlib import Path\nPath(r'{marker}').touch()\nclass Own:\n    pass\n"


def load(folder):
    return load_pipeline(read_saved_pipeline(folder), CPU)


def changed(folder, **entries):
    """Change entries of the folder's index; None removes one."""
    path = folder / "model_index.json"
    index = json.loads(path.read_text()) | entries
    path.write_text(json.dumps({name: value for name, value in index.items() if value is not None}))
    return folder


@pytest.fixture
def marker(tmp_path):
    return tmp_path / "the code ran"


def refusal(folder):
    with pytest.raises(BadPipeline) as caught:
        load(folder)
    return str(caught.value)


def test_a_saved_pipeline_loads(copied_folder):
    assert type(load(copied_folder)).__name__ == "StableDiffusionPipeline"


def test_a_folder_without_an_index_is_refused(copied_folder, tmp_path):
    (copied_folder / "model_index.json").unlink()
    assert "has no model_index.json" in refusal(copied_folder)
    assert "There is no folder" in refusal(tmp_path / "elsewhere")


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '{"a": 1, "a": 2}'])
def test_an_index_that_is_not_one_is_refused(copied_folder, text):
    (copied_folder / "model_index.json").write_text(text)
    assert "model_index.json" in refusal(copied_folder)


def test_a_pipeline_without_a_scheduler_is_refused(copied_folder):
    for path in (copied_folder / "scheduler").iterdir():
        path.unlink()
    (copied_folder / "scheduler").rmdir()
    assert "has no scheduler" in refusal(copied_folder)
    assert "has no scheduler" in refusal(changed(copied_folder, scheduler=None))
    assert "has no scheduler" in refusal(changed(copied_folder, scheduler=[None, None]))


def test_code_of_the_pipeline_is_never_run(copied_folder, marker):
    for name in ("own.py", "pipeline.py", "None.py"):
        (copied_folder / name).write_text(CODE.format(marker=marker))
    changed(copied_folder, _class_name=["own", "Own"])
    assert "The pipeline in" in refusal(copied_folder)
    assert "needs Python code of its own, which is never run" in refusal(copied_folder)
    assert not marker.exists()


def test_files_with_code_that_the_pipeline_does_not_need_are_ignored(copied_folder, marker):
    for name in ("pipeline.py", "unet/modeling.py", "__init__.py"):
        (copied_folder / name).write_text(CODE.format(marker=marker))
    load(copied_folder)
    assert not marker.exists()


def test_code_of_a_component_is_never_run(copied_folder, marker, monkeypatch):
    (copied_folder / "unet" / "own.py").write_text(CODE.format(marker=marker))
    changed(copied_folder, unet=["own", "Own"])
    monkeypatch.syspath_prepend(copied_folder / "unet")
    assert "Unet in" in refusal(copied_folder)
    assert "never run" in refusal(copied_folder)
    (copied_folder / "unet" / "own.py").rename(copied_folder / "own.py")
    monkeypatch.syspath_prepend(copied_folder)
    assert "There is no Own in own" in refusal(copied_folder)
    assert not marker.exists()
    assert "own" not in sys.modules


def test_code_that_a_tokenizer_asks_for_is_never_run(copied_folder, marker):
    (copied_folder / "tokenizer" / "own.py").write_text(CODE.format(marker=marker))
    path = copied_folder / "tokenizer" / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"auto_map": {"AutoTokenizer": ["own.Own", None]}}))
    changed(copied_folder, tokenizer=["transformers", "AutoTokenizer"])
    assert "Tokenizer in" in refusal(copied_folder)
    assert not marker.exists()


@pytest.mark.parametrize("entry", [["os", "system"], ["diffusers", "logging"], ["../..", "Own"], ["diffusers"], [1, 2]])
def test_a_component_that_is_no_class_of_the_libraries_is_refused(copied_folder, entry):
    refusal(changed(copied_folder, unet=entry))


def test_pickled_weights_are_refused(copied_folder):
    (copied_folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    torch.save({}, copied_folder / "unet" / "diffusion_pytorch_model.bin")
    assert "The weights of unet" in refusal(copied_folder)
    assert "are pickled" in refusal(copied_folder)


@pytest.mark.parametrize("part", ["unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"])
def test_incomplete_weights_are_refused(copied_folder, part):
    tensors = load_file(copied_folder / part)
    gone = sorted(tensors)[:3]
    save_file({name: tensor for name, tensor in tensors.items() if name not in gone}, copied_folder / part)
    assert "are incomplete" in refusal(copied_folder)
    assert "and 2 more" in refusal(copied_folder)


def test_weights_of_another_network_are_refused(copied_folder):
    config = (copied_folder / "vae" / "config.json").read_bytes()
    vae(("DownEncoderBlock2D",) * 2, ("UpDecoderBlock2D",) * 2, (16, 16), 4).save_pretrained(copied_folder / "vae")
    (copied_folder / "vae" / "config.json").write_bytes(config)
    refusal(copied_folder)


def test_truncated_weights_are_refused(copied_folder):
    path = copied_folder / "unet" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])
    assert "cannot be loaded" in refusal(copied_folder)


@pytest.mark.parametrize("name", ["NoSuchPipeline", "DiffusionPipeline", "UNet2DConditionModel", "logging"])
def test_an_unknown_pipeline_is_refused(copied_folder, name):
    assert f"has no pipeline {name}" in refusal(changed(copied_folder, _class_name=name))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("StableDiffusionImg2ImgPipeline", "it takes image"),
        ("StableDiffusionInpaintPipeline", "it takes image"),
        ("TextToVideoSDPipeline", "it takes num frames"),
        ("DDPMPipeline", "it does not take a prompt and a size"),
        ("AudioLDM2Pipeline", "it takes audio length in s"),
    ],
)
def test_a_pipeline_that_is_not_text_to_image_is_refused(copied_folder, name, why):
    assert f"{name} does not make an image from text alone: {why}" in refusal(changed(copied_folder, _class_name=name))


def test_a_missing_package_is_told_with_the_way_to_get_it(copied_folder, monkeypatch):
    monkeypatch.setattr(diffusers_library, "PACKAGES", ("diffusers", "no-such-package-of-text3d"))
    with pytest.raises(MissingPart, match="needs the package no-such-package-of-text3d, which is not installed"):
        load(copied_folder)


def test_an_old_diffusers_is_told(copied_folder, monkeypatch):
    monkeypatch.setattr(diffusers_library, "MIN_VERSION", (999, 0))
    with pytest.raises(MissingPart, match=r"and 999\.0 or newer is needed"):
        load(copied_folder)


def test_a_full_memory_stays_a_full_memory(copied_folder, monkeypatch):
    def full(*arguments, **settings):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(diffusers_loading, "_load_networks", full)
    with pytest.raises(RuntimeError, match="can't allocate memory"):
        load(copied_folder)


def test_a_pipeline_within_a_pipeline_is_refused_because_nobody_checked_its_files(copied_folder):
    shutil.copytree(copied_folder, copied_folder.parent / "inner")
    (copied_folder.parent / "inner").rename(copied_folder / "safety_checker")
    changed(copied_folder, safety_checker=["diffusers", "StableDiffusionPipeline"])
    assert "is a pipeline of its own" in refusal(copied_folder)
