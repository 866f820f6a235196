# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue matches the networks, itself, and the rest of the program."""

import pytest
import torch

from blender_text3d.engine.model_registry import MODELS
from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.shap_e.configs import OFFICIAL_DECODER, OFFICIAL_IMAGE_PRIOR, OFFICIAL_TEXT_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.weights.catalogue import CHECKPOINTS, REQUIRED_CHECKPOINTS, models_using
from blender_text3d.engine.weights.loading.assign import empty_network
from blender_text3d.system.user_folders import data_dir, default_weights_dir


def counted(*networks):
    tensors = [value for network in networks for value in network.state_dict().values()]
    return len(tensors), sum(value.numel() for value in tensors)


@pytest.mark.parametrize("name", OFFICIAL)
def test_point_es_networks_have_the_catalogues_parameters(name):
    class_, config = OFFICIAL[name]
    file = CHECKPOINTS[f"point-e/{name}"].variants[0]
    assert counted(empty_network(lambda: class_(config))) == (file.tensor_count, file.parameter_count)


@pytest.mark.parametrize(("name", "config"), [("text300M", OFFICIAL_TEXT_PRIOR), ("image300M", OFFICIAL_IMAGE_PRIOR)])
def test_shap_es_priors_have_the_catalogues_parameters(name, config):
    count = counted(empty_network(lambda: SplitVectorDiffusion(config)))[1]
    files = CHECKPOINTS[f"shap-e/{name}"].variants
    assert {file.parameter_count for file in files} == {count}
    assert 4 * count < files[0].size < 4 * count + 200_000


def test_the_decoder_has_the_catalogues_parameters_except_the_background():
    count = counted(empty_network(lambda: VectorDecoder(OFFICIAL_DECODER)))[1]
    assert CHECKPOINTS["shap-e/decoder"].variants[0].parameter_count - count in (0, 3)


def test_clips_towers_together_have_the_catalogues_parameters():
    towers = empty_network(lambda: ClipText(ClipTextConfig())), empty_network(lambda: ClipImage(ClipImageConfig()))
    assert counted(*towers)[1] == CHECKPOINTS["clip/ViT-L-14"].variants[0].parameter_count


def test_every_model_needs_existing_checkpoints_and_every_checkpoint_is_needed():
    assert {name for names in REQUIRED_CHECKPOINTS.values() for name in names} == CHECKPOINTS.keys()
    assert all(model in names for model, names in REQUIRED_CHECKPOINTS.items())
    assert all(models_using(name) for name in CHECKPOINTS)


def test_every_official_model_of_the_engine_lists_its_checkpoints():
    assert {model for model in MODELS if not model.startswith(("mini/", "reference/"))} <= REQUIRED_CHECKPOINTS.keys()


def test_every_file_has_its_own_path_and_secure_urls():
    files = [file for entry in CHECKPOINTS.values() for file in entry.variants]
    assert len({file.path for file in files}) == len(files)
    assert all(address.url.startswith("https://") for file in files for address in file.addresses)
    assert all(file.addresses for file in files)


def test_every_checkpoint_has_a_license_a_card_and_a_warning():
    assert all(entry.license and entry.card and len(entry.warning) > 50 for entry in CHECKPOINTS.values())


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("home", ["", "/chosen"])
def test_the_weights_folder_is_in_the_data_folder(monkeypatch, tmp_path, platform, home):
    for name in ("BLENDER_TEXT3D_HOME", "BLENDER_TEXT3D_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    if home:
        monkeypatch.setenv("BLENDER_TEXT3D_HOME", home)
    monkeypatch.setattr("sys.platform", platform)
    assert default_weights_dir() == data_dir() / "weights"


def test_the_weights_folder_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    assert default_weights_dir() == tmp_path


def test_building_a_large_empty_network_draws_no_random_numbers():
    before = torch.random.get_rng_state()
    empty_network(lambda: SplitVectorDiffusion(OFFICIAL_TEXT_PRIOR))
    assert torch.equal(before, torch.random.get_rng_state())
