# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue agrees with the networks, with itself, and with where the rest of the program keeps things."""

import pytest
import torch

from blender_text3d.engine.model_registry import MODELS
from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.shap_e.configs import OFFICIAL_DECODER, OFFICIAL_IMAGE_PRIOR, OFFICIAL_TEXT_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.weights.catalogue import CHECKPOINTS, NEEDS, models_of
from blender_text3d.engine.weights.loading.assign import empty_network
from blender_text3d.environment.paths import data_dir
from blender_text3d.system.user_folders import default_weights_dir


def counted(*networks):
    tensors = [value for network in networks for value in network.state_dict().values()]
    return len(tensors), sum(value.numel() for value in tensors)


@pytest.mark.parametrize("name", OFFICIAL)
def test_point_es_networks_hold_what_the_catalogue_says(name):
    class_, config = OFFICIAL[name]
    form = CHECKPOINTS[f"point-e/{name}"].forms[0]
    assert counted(empty_network(lambda: class_(config))) == (form.tensors, form.numbers)


@pytest.mark.parametrize(("name", "config"), [("text300M", OFFICIAL_TEXT_PRIOR), ("image300M", OFFICIAL_IMAGE_PRIOR)])
def test_shap_es_priors_hold_what_the_catalogue_says(name, config):
    numbers = counted(empty_network(lambda: SplitVectorDiffusion(config)))[1]
    forms = CHECKPOINTS[f"shap-e/{name}"].forms
    assert {form.numbers for form in forms} == {numbers}
    assert 4 * numbers < forms[0].size < 4 * numbers + 200_000


def test_the_decoder_holds_what_the_catalogue_says_but_for_the_background():
    numbers = counted(empty_network(lambda: VectorDecoder(OFFICIAL_DECODER)))[1]
    assert CHECKPOINTS["shap-e/decoder"].forms[0].numbers - numbers in (0, 3)


def test_clips_towers_hold_together_what_the_catalogue_says():
    towers = empty_network(lambda: ClipText(ClipTextConfig())), empty_network(lambda: ClipImage(ClipImageConfig()))
    assert counted(*towers)[1] == CHECKPOINTS["clip/ViT-L-14"].forms[0].numbers


def test_every_model_needs_checkpoints_that_there_are_and_every_checkpoint_is_needed():
    assert {name for names in NEEDS.values() for name in names} == CHECKPOINTS.keys()
    assert all(model in names for model, names in NEEDS.items())
    assert all(models_of(name) for name in CHECKPOINTS)


def test_every_official_model_of_the_engine_says_what_it_needs():
    assert {model for model in MODELS if not model.startswith(("mini/", "reference/"))} <= NEEDS.keys()


def test_every_file_has_a_place_of_its_own_and_addresses_that_are_secure():
    forms = [form for entry in CHECKPOINTS.values() for form in entry.forms]
    assert len({form.path for form in forms}) == len(forms)
    assert all(address.url.startswith("https://") for form in forms for address in form.addresses)
    assert all(form.addresses for form in forms)


def test_every_checkpoint_has_a_licence_a_card_and_a_warning():
    assert all(entry.licence and entry.card and len(entry.warning) > 50 for entry in CHECKPOINTS.values())


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("home", ["", "/chosen"])
def test_engine_and_set_up_find_the_same_folder(monkeypatch, tmp_path, platform, home):
    for name in ("BLENDER_TEXT3D_HOME", "BLENDER_TEXT3D_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    if home:
        monkeypatch.setenv("BLENDER_TEXT3D_HOME", home)
    monkeypatch.setattr("sys.platform", platform)
    assert default_weights_dir() == data_dir() / "weights"


def test_the_weights_may_lie_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    assert default_weights_dir() == tmp_path


def test_building_a_large_network_blank_draws_no_numbers():
    before = torch.random.get_rng_state()
    empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR))
    assert torch.equal(before, torch.random.get_rng_state())
