# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of two tiny pipelines, a UNet and a flow-matching transformer, that are built offline."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

from blender_text3d.engine.glide.pictures import InvalidPicture
from blender_text3d.engine.three_step.diffusers_model import DiffusersModel
from tests.engine.three_step.tiny_pipelines import FLUX_SIDE, UNET_SIDE, flagging_checker, save_unet_pipeline

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def unet_model(unet_folder):
    return DiffusersModel(CPU, unet_folder)


@pytest.fixture(scope="module")
def flow_model(flow_folder):
    return DiffusersModel(CPU, flow_folder)


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
    model = DiffusersModel(CPU, unet_folder)
    networks = [weakref.ref(model._pipeline.unet), weakref.ref(model._pipeline.vae)]
    gc.disable()
    try:
        model.close()
        assert [network() for network in networks] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("part", ["unet", "vae"])
def test_numbers_that_are_not_finite_are_an_error(unet_folder, part):
    model = DiffusersModel(CPU, unet_folder)
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
        made(DiffusersModel(CPU, folder).pictures(["a mug"], [7], "draft"))


def test_one_black_picture_among_several_is_told(unet_folder):
    model = DiffusersModel(CPU, unet_folder)
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
    model = DiffusersModel(CPU, unet_folder)
    plain, _ = made(model.pictures(["a mug"], [1], "draft"))
    model._pipeline.save_pretrained(tmp_path / "variant", variant="fp16")
    (tmp_path / "variant" / "unet" / "LICENSE").write_text("A file without a dot.")
    again, _ = made(DiffusersModel(CPU, tmp_path / "variant").pictures(["a mug"], [1], "draft"))
    assert np.array_equal(plain, again)


def test_nothing_of_diffusers_is_imported_before_a_pipeline_is_loaded():
    code = (
        "import sys; from blender_text3d.engine.three_step import diffusers_model\n"
        "assert not {'diffusers', 'transformers', 'huggingface_hub', 'accelerate'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
