# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of two tiny pipelines, a UNet and a flow-matching transformer, that are built offline."""

import gc
import json
import shutil
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

from blender_text3d.engine.glide.pictures import InvalidPicture
from blender_text3d.engine.three_step.diffusers_folder import BadPipeline
from blender_text3d.engine.three_step.diffusers_model import DiffusersModel
from blender_text3d.engine.three_step.pipeline_source import NotDownloaded
from blender_text3d.engine.weights.hub.fetch import pipeline_sha256
from blender_text3d.system.hub_names import COMPLETE, hub_folder
from tests.engine.three_step.tiny_pipelines import FLUX_SIDE, UNET_SIDE, flagging_checker, save_unet_pipeline

CPU = torch.device("cpu")


def loaded(folder):
    """Return a model whose pipeline is in memory already."""
    model = DiffusersModel(CPU, str(folder))
    assert model._pipeline is None
    run = model.pictures(["a mug"], [1], "draft", size=16)
    next(run)
    run.close()
    return model


@pytest.fixture(scope="module")
def unet_model(unet_folder):
    return loaded(unet_folder)


@pytest.fixture(scope="module")
def flow_model(flow_folder):
    return loaded(flow_folder)


def made(run):
    steps = []
    while True:
        try:
            steps.append(next(run))
        except StopIteration as end:
            return end.value, steps


def notices(steps):
    return [step.notice for step in steps if step.notice]


@pytest.mark.parametrize(("name", "size"), [("unet_model", UNET_SIDE), ("flow_model", FLUX_SIDE)])
def test_a_pipeline_makes_pictures_and_tells_every_step(request, name, size):
    model = request.getfixturevalue(name)
    pictures, steps = made(model.pictures(["a red chair", "a red chair"], [1, 2], "draft", size=size))
    assert (pictures.shape, pictures.dtype) == ((2, size, size, 3), np.uint8)
    assert pictures.std() > 5
    assert not np.array_equal(*pictures)
    indices = [step.index for step in steps]
    assert indices == sorted(indices)
    assert set(range(1, steps[0].total + 1)) == set(indices)
    assert np.array_equal(steps[-1].pictures(), pictures)
    assert notices(steps) == []


@pytest.mark.parametrize(("name", "size"), [("unet_model", UNET_SIDE), ("flow_model", FLUX_SIDE)])
def test_a_picture_is_the_same_alone_and_in_a_batch_and_follows_seed_and_prompt(request, name, size):
    model = request.getfixturevalue(name)
    both, _ = made(model.pictures(["a red chair", "a mug"], [1, 2], "draft", size=size))
    alone, _ = made(model.pictures(["a mug"], [2], "draft", size=size))
    assert np.array_equal(alone[0], both[1])
    for prompt, seed in (("a mug", 3), ("a tall lamp", 2)):
        other, _ = made(model.pictures([prompt], [seed], "draft", size=size))
        assert not np.array_equal(other[0], alone[0])


def test_the_size_is_the_pipelines_own_unless_another_is_asked_for(unet_model):
    assert made(unet_model.pictures(["a mug"], [1], "draft"))[0].shape == (1, 16, 16, 3)
    assert made(unet_model.pictures(["a mug"], [1], "draft", size=32))[0].shape == (1, 32, 32, 3)


def test_a_negative_prompt_changes_the_picture(unet_model):
    plain, _ = made(unet_model.pictures(["a mug"], [1], "draft"))
    other, steps = made(unet_model.pictures(["a mug"], [1], "draft", negative_prompt="blue table"))
    assert not np.array_equal(plain, other)
    assert notices(steps) == []


@pytest.mark.parametrize(("name", "guidance"), [("flow_model", None), ("unet_model", 1.0)])
def test_a_negative_prompt_without_effect_is_told(request, name, guidance):
    model = request.getfixturevalue(name)
    plain, _ = made(model.pictures(["a mug"], [1], "draft", guidance, size=16))
    same, steps = made(model.pictures(["a mug"], [1], "draft", guidance, "blue table", size=16))
    assert np.array_equal(plain, same)
    assert len(notices(steps)) == 1
    assert "negative prompt has no effect" in notices(steps)[0]


def test_a_draft_takes_half_of_the_pipelines_steps(unet_model):
    totals = [next(unet_model.pictures(["a mug"], [1], quality)).total for quality in ("draft", "standard")]
    assert totals == [25, 50]


def test_a_prompt_of_200_tokens_is_told_with_what_is_dropped(unet_model, flow_model):
    words = " ".join(f"w{number:02}" for number in range(67))  # a token per letter
    _, steps = made(unet_model.pictures([words], [1], "draft"))
    (notice,) = notices(steps)
    assert notice.startswith("The prompt is too long for StableDiffusionPipeline; it does not read ")
    assert '"w25 w26' in notice
    assert notice.endswith('…".')
    _, steps = made(flow_model.pictures([words], [1], "draft", size=16))
    assert notices(steps) == []  # its second text encoder reads 512


def test_a_run_that_is_closed_ends_between_two_steps(unet_model):
    evaluations = []
    handle = unet_model._pipeline.unet.register_forward_pre_hook(lambda *_: evaluations.append(1))
    run = unet_model.pictures(["a mug"], [1], "standard")
    for _ in range(3):
        next(run)
    run.close()
    count = len(evaluations)
    handle.remove()
    assert count == 3
    made(unet_model.pictures(["a mug"], [1], "draft"))  # still usable


def test_closing_the_model_frees_its_networks(unet_folder):
    model = loaded(unet_folder)
    networks = [weakref.ref(model._pipeline.unet), weakref.ref(model._pipeline.vae)]
    gc.disable()
    try:
        model.close()
        assert [network() for network in networks] == [None, None]
    finally:
        gc.enable()
    assert made(model.pictures(["a mug"], [1], "draft"))[0].shape == (1, 16, 16, 3)


def test_the_hash_tells_weights_from_others(unet_folder, copied_folder):
    same = DiffusersModel(CPU, str(copied_folder)).sha256
    assert same == DiffusersModel(CPU, str(unet_folder)).sha256
    path = copied_folder / "unet" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + b"abcd")
    assert DiffusersModel(CPU, str(copied_folder)).sha256 != same


def test_a_hub_name_is_never_downloaded_by_a_job(tmp_path, unet_folder, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    with pytest.raises(NotDownloaded, match=r"somebody/tiny is not on this machine; .* shows its license"):
        DiffusersModel(CPU, "somebody/tiny")
    folder = shutil.copytree(unet_folder, hub_folder("somebody/tiny", tmp_path))
    (folder / COMPLETE).write_text(json.dumps({"weights_sha256": {"unet/a.safetensors": "0" * 64}}))
    model = DiffusersModel(CPU, "hub:somebody/tiny")
    assert model.sha256 == pipeline_sha256(folder)
    assert made(model.pictures(["a mug"], [1], "draft"))[0].std() > 5


@pytest.mark.parametrize("source", ["", "a/b/c", "folder"])
def test_a_source_that_is_neither_a_folder_nor_a_hub_name_is_refused(source):
    with pytest.raises(BadPipeline, match="neither a complete path nor a hub name"):
        DiffusersModel(CPU, source)


@pytest.mark.parametrize("part", ["unet", "vae"])
def test_numbers_that_are_not_finite_are_an_error(unet_folder, part):
    model = loaded(unet_folder)
    with torch.no_grad():
        for weight in getattr(model._pipeline, part).parameters():
            weight.fill_(float("nan"))
    when = "step 1 of 25" if part == "unet" else "its last step"
    with pytest.raises(InvalidPicture, match=f"contains invalid numbers after {when}"):
        made(model.pictures(["a mug"], [1], "draft"))


def test_a_picture_that_the_safety_checker_removed_is_an_error(tmp_path):
    checker, processor = flagging_checker()
    folder = save_unet_pipeline(
        tmp_path / "checked", safety_checker=checker, feature_extractor=processor, requires_safety_checker=True
    )
    with pytest.raises(InvalidPicture, match=r"seed 7 is black\. The pipeline's safety checker removed it"):
        made(loaded(folder).pictures(["a mug"], [7], "draft"))


def test_one_black_picture_among_several_is_told(unet_folder):
    model = loaded(unet_folder)
    decode, calls = model._pipeline.vae.decode, []

    def black_first(*arguments, **settings):
        calls.append(1)
        (image,) = decode(*arguments, **settings)
        return (image * 0 - 1 if len(calls) == 1 else image,)

    model._pipeline.vae.decode = black_first
    pictures, steps = made(model.pictures(["a mug", "a mug"], [1, 2], "draft"))
    assert [picture.max() > 0 for picture in pictures] == [False, True]
    assert [text for text in notices(steps) if "seed 1 is black" in text]
    assert len(notices(steps)) == 1
    calls.clear()
    with pytest.raises(InvalidPicture, match="seed 1 is black"):
        made(model.pictures(["a mug"], [1], "draft"))


def test_weights_of_one_variant_are_loaded(unet_folder, tmp_path):
    model = loaded(unet_folder)
    plain, _ = made(model.pictures(["a mug"], [1], "draft"))
    model._pipeline.save_pretrained(tmp_path / "variant", variant="fp16")
    (tmp_path / "variant" / "unet" / "LICENSE").write_text("A file without a dot.")
    again, _ = made(loaded(tmp_path / "variant").pictures(["a mug"], [1], "draft"))
    assert np.array_equal(plain, again)


def test_nothing_of_diffusers_is_imported_before_a_pipeline_is_loaded():
    code = (
        "import sys; from blender_text3d.engine.three_step import diffusers_model\n"
        "assert not {'diffusers', 'transformers', 'huggingface_hub', 'accelerate'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
