# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue matches the networks, itself, and the rest of the program."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
import torch

from blender_text3d.engine.glide import configs as glide
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.model_registry import MODELS
from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.shap_e.configs import (
    OFFICIAL_DECODER,
    OFFICIAL_ENCODER,
    OFFICIAL_IMAGE_PRIOR,
    OFFICIAL_TEXT_PRIOR,
)
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.three_step.shapes import SHAPES
from blender_text3d.engine.weights.catalogue import (
    CHECKPOINTS,
    REQUIRED_CHECKPOINTS,
    TRANSFORMERS,
    CheckpointFile,
    models_using,
)
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


@pytest.mark.parametrize("name", glide.OFFICIAL)
def test_glides_networks_together_have_the_catalogues_parameters(name):
    file = CHECKPOINTS[f"glide/{name}"].variants[0]
    config = glide.OFFICIAL[name]
    networks = empty_network(lambda: TextTransformer(config)), empty_network(lambda: UNet(config))
    assert counted(*networks) == (file.tensor_count, file.parameter_count)


def test_every_model_needs_existing_checkpoints_and_every_checkpoint_is_needed():
    assert {name for names in REQUIRED_CHECKPOINTS.values() for name in names} == CHECKPOINTS.keys()
    assert all(model in names for model, names in REQUIRED_CHECKPOINTS.items() if model not in SHAPES)
    assert all(models_using(name) for name in CHECKPOINTS)


@pytest.mark.parametrize("model", [model for model in SHAPES if not model.startswith("mini/")])
def test_three_steps_need_glide_and_the_files_of_the_model_that_makes_the_object(model):
    assert REQUIRED_CHECKPOINTS[model] == ("glide/base", "glide/upsample", *REQUIRED_CHECKPOINTS[SHAPES[model]])


def test_every_official_model_of_the_engine_lists_its_checkpoints():
    assert {model for model in MODELS if not model.startswith(("mini/", "reference/"))} <= REQUIRED_CHECKPOINTS.keys()


def test_every_file_has_its_own_path_and_secure_urls_but_the_encoders_which_has_the_decoder_too():
    files = [file for entry in CHECKPOINTS.values() for file in entry.variants]
    assert len({file.path for file in files}) == len(files) - 1
    assert CHECKPOINTS["shap-e/decoder"].variants[2].path == CHECKPOINTS["shap-e/encoder"].variants[0].path
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


RECORDED = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
"""Facts of the published files as they were compared with their sources, by checkpoint; what is left out is empty."""


def listed(value):
    return [listed(item) for item in value] if isinstance(value, tuple | list) else value


def facts_of(file):
    facts = {field.name: getattr(file, field.name) for field in fields(file)}
    facts["addresses"] = [address.url for address in file.addresses]
    return {name: listed(value) for name, value in facts.items() if value}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_the_facts_of_published_files_are_those_that_were_compared_with_their_sources(name):
    entry = CHECKPOINTS[name]
    assert {"variants": [facts_of(file) for file in entry.variants], "license": entry.license, "card": entry.card} == (
        RECORDED[name]
    )


def test_the_catalogue_lists_clip_point_e_shap_e_and_glide_and_cannot_be_changed():
    assert list(CHECKPOINTS) == list(RECORDED)
    assert all(name == entry.name for name, entry in CHECKPOINTS.items())
    with pytest.raises(TypeError):
        CHECKPOINTS["new"] = None
    with pytest.raises(TypeError):
        REQUIRED_CHECKPOINTS["new"] = ()


@pytest.mark.parametrize("base", ["textvec", "imagevec", "", "300M", "1B", "uncond"])
def test_a_point_e_model_needs_its_base_the_upsampler_the_sdf_and_clip_unless_it_takes_no_prompt(base):
    name = f"point-e/base{base}" if base.endswith(("M", "B")) else f"point-e/base40M-{base}".rstrip("-")
    needed = ("clip/ViT-L-14", name, "point-e/upsample", "point-e/sdf")
    assert REQUIRED_CHECKPOINTS[name] == (needed[1:] if base == "uncond" else needed)


@pytest.mark.parametrize("name", ["shap-e/text300M", "shap-e/image300M"])
def test_a_shap_e_model_needs_clip_its_prior_and_the_decoder(name):
    assert REQUIRED_CHECKPOINTS[name] == ("clip/ViT-L-14", name, "shap-e/decoder")


def test_encoding_an_object_needs_one_file_for_encoder_and_decoder():
    assert REQUIRED_CHECKPOINTS["shap-e/encoder"] == ("shap-e/encoder",)
    count = counted(empty_network(lambda: Transmitter(OFFICIAL_ENCODER, OFFICIAL_DECODER)))[1]
    assert CHECKPOINTS["shap-e/encoder"].variants[0].parameter_count == count


def test_a_checkpoint_is_used_by_the_models_that_need_it_in_their_order():
    assert models_using("shap-e/decoder") == ("shap-e/text300M", "shap-e/image300M", "shap-e/three-step")
    assert models_using("point-e/base1B") == ("point-e/base1B",)
    assert models_using("clip/ViT-L-14") == tuple(
        name for name in REQUIRED_CHECKPOINTS if "uncond" not in name and name != "shap-e/encoder"
    )
    assert models_using("unknown") == ()


def test_every_address_has_the_name_of_its_host():
    owners = {
        "https://openaipublic.azureedge.net/": "OpenAI",
        "https://openaipublic.blob.core.windows.net/": "OpenAI's storage account",
        "https://huggingface.co/spaces/{}/": "the hub's copy in {}",
        "https://huggingface.co/{}/": "the hub's {}",
    }
    addresses = [address for entry in CHECKPOINTS.values() for file in entry.variants for address in file.addresses]
    for address in addresses:
        parts = address.url.removeprefix("https://huggingface.co/").removeprefix("spaces/").split("/")
        repository = "/".join(parts[:2])
        assert address.owner in {
            owner.format(repository) for url, owner in owners.items() if address.url.startswith(url.format(repository))
        }


@pytest.mark.parametrize(
    ("facts", "expected"),
    [({}, 400), ({"bytes_per_parameter": 2}, 200), ({"size": 7}, 7)],
)
def test_a_file_without_a_published_size_has_the_bytes_of_its_parameters(facts, expected):
    assert CheckpointFile("a/b/net.pt", TRANSFORMERS, (), 100, **facts).expected_bytes == expected


@pytest.mark.parametrize(("path", "name"), [("a/b/net.pt", "net.pt"), ("net.pt", "net.pt")])
def test_a_files_name_has_no_folders(path, name):
    assert CheckpointFile(path, TRANSFORMERS, (), 100).name == name
