# SPDX-License-Identifier: GPL-3.0-or-later
"""Load a checkpoint's file into a network: official files, strictness, hostile and broken files, trust."""

import hashlib
import os

import pytest
import torch
from torch import nn

from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.weights.catalogue import OFFICIAL, TRANSMITTER, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.errors import BrokenWeights, MissingWeights
from blender_text3d.engine.weights.formats.open_tensors import read_tensors
from blender_text3d.engine.weights.loading.assign import empty_network
from blender_text3d.engine.weights.loading.load_network import load_network
from blender_text3d.engine.weights.store import local_files, verify
from blender_text3d.engine.weights.store.required import require_model
from tests.engine.shap_e.encoding.small_encoder import CONFIG, DECODER, transmitter
from tests.engine.weights import layout_cases as cases

CPU = torch.device("cpu")


class Net(nn.Module):
    """Three matrices, as in the fixture's file."""

    def __init__(self):
        super().__init__()
        for name in "abc":
            self.add_module(name, nn.Linear(100, 120, bias=False))


@pytest.fixture
def here(weights_dir, in_catalogue):
    """Put a file into the weights folder and its checkpoint into the catalogue; return the path."""

    def put(tensors, layout=OFFICIAL, *, is_published=False, **facts):
        path = weights_dir / "test/net.pt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tensors) if isinstance(tensors, bytes) else torch.save(tensors, path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if is_published else ""
        file = CheckpointFile("test/net.pt", layout, (), **{"parameter_count": 1, "sha256": sha256, **facts})
        in_catalogue(Checkpoint("test/net", "", (file,), "", "", ""))
        return path

    return put


@pytest.fixture
def load(weights_dir):
    return lambda build=Net, **choices: load_network("test/net", build, CPU, weights_dir=weights_dir, **choices)


def test_an_official_file_is_loaded_with_its_hash(here, load, tensors, weights):
    here(weights)
    loaded = load()
    assert all(torch.equal(loaded.network.state_dict()[name], tensors[name]) for name in tensors)
    assert loaded.sha256 == hashlib.sha256(weights).hexdigest()
    assert not loaded.network.training
    assert not any(p.requires_grad for p in loaded.network.parameters())


def test_parameters_are_mapped_from_the_file_without_random_values(here, load, weights, monkeypatch):
    path = here(weights)
    drawn = []
    monkeypatch.setattr(nn.init, "kaiming_uniform_", lambda tensor, **_: drawn.append(tensor.device.type))
    network = load().network
    assert set(drawn) == {"meta"}
    with open("/proc/self/maps") as maps:
        assert str(path) in maps.read()
    assert network.a.weight.is_contiguous()


def test_half_precision_in_the_file_becomes_float32(here, load, tensors):
    here({name: tensor.half() for name, tensor in tensors.items()})
    assert {p.dtype for p in load().network.parameters()} == {torch.float32}


def test_the_official_decoder_and_the_encoders_file_give_the_same_decoder(here, load):
    def build():
        return VectorDecoder(DecoderConfig(**cases.DECODER))

    official = cases.filled({name: value.shape for name, value in build().state_dict().items()})
    official.setdefault("renderer.void.background", torch.zeros(3))
    here(official)
    decoder = {name: value.clone() for name, value in load(build).network.state_dict().items()}  # the file changes
    renamed = {name if name.startswith("renderer.") else f"encoder.{name}": value for name, value in official.items()}
    here({**renamed, "encoder.encoder.backbone.weight": torch.ones(9)}, TRANSMITTER)
    transmitter = load(build).network.state_dict()
    assert decoder.keys() == transmitter.keys()
    assert all(torch.equal(decoder[name], transmitter[name]) for name in decoder)


def test_the_encoders_file_is_loaded_whole_and_refused_if_a_tensor_is_missing(here, load):
    def build():
        return Transmitter(CONFIG, DECODER)

    whole = dict(transmitter().state_dict())
    here(whole)
    loaded = load(build).network.state_dict()
    assert all(torch.equal(loaded[name], whole[name]) for name in whole)
    here({name: value for name, value in whole.items() if name != "encoder.mv_pcl_embed.unk_token"}, is_published=True)
    with pytest.raises(BrokenWeights, match="lacks encoder.mv_pcl_embed.unk_token"):
        load(build)


def test_one_tower_of_clip_is_loaded_without_the_other(here, load):
    text, image = ClipText(ClipTextConfig(**cases.CLIP_TEXT)), ClipImage(ClipImageConfig(**cases.CLIP_IMAGE))
    both = dict(text.state_dict()) | {f"visual.{name}": value for name, value in image.state_dict().items()}
    here(both | {"input_resolution": torch.tensor(28)})
    found = load(lambda: ClipText(text.config), part="text").network
    assert torch.equal(found.text_projection, text.text_projection)
    found = load(lambda: ClipImage(image.config), part="image").network
    assert torch.equal(found.conv1.weight, image.conv1.weight)
    here({name: value for name, value in both.items() if not name.startswith("visual.")})
    assert load(lambda: ClipText(text.config), part="text").network.config == text.config


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda t: t.pop("b.weight"), "lacks b.weight"),
        (lambda t: t.update(d=torch.ones(1)), "has unexpected d"),
        (lambda t: t.update({"a.weight": torch.ones(2, 3)}), r"a.weight \[2, 3\] instead of \[120, 100\]"),
        (lambda t: t.update({f"x{i}": torch.ones(1) for i in range(9)}), "x0, x1, x2 and 6 more"),
    ],
    ids=["missing", "left over", "other shape", "many"],
)
def test_tensors_that_do_not_fit_are_listed_and_the_file_is_quarantined(here, load, tensors, weights_dir, change, text):
    wrong = dict(tensors)
    change(wrong)
    here(wrong)
    with pytest.raises(BrokenWeights, match=f"net.pt does not fit its network: it .*{text}") as caught:
        load()
    assert str(caught.value).endswith("Moved to net.pt.broken; download test/net again.")
    assert (weights_dir / "test/net.pt.broken").exists()
    assert not (weights_dir / "test/net.pt").exists()


def test_a_file_with_the_published_hash_is_not_quarantined_for_a_wrong_network(here, load, weights):
    path = here(weights, is_published=True)
    with pytest.raises(BrokenWeights, match="lacks bias"):
        load(lambda: nn.Linear(2, 2))
    assert path.exists()


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


@pytest.mark.parametrize("is_published", [False, True])
def test_a_hostile_file_is_refused_without_effect(here, load, tmp_path, is_published):
    here({"a.weight": Hostile(tmp_path / "done")}, is_published=is_published)
    with pytest.raises(BrokenWeights, match="could run any code"):
        load()
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize("cut", [10, 1000, 100_000, -30])
def test_a_truncated_file_is_named_and_quarantined(here, load, weights, weights_dir, cut):
    here(weights[:cut])
    with pytest.raises(BrokenWeights, match="net.pt is .*download test/net again"):
        load()
    assert (weights_dir / "test/net.pt.broken").read_bytes() == weights[:cut]


def test_a_flipped_bit_is_detected_without_a_published_hash(here, load, weights):
    middle = len(weights) // 2
    here(weights[:middle] + bytes([weights[middle] ^ 1]) + weights[middle + 1 :])
    with pytest.raises(BrokenWeights, match="checksum"):
        load()


def test_a_file_is_verified_once_and_trusted_until_it_changes(here, load, weights, monkeypatch):
    path = here(weights, is_published=True)
    read = []
    monkeypatch.setattr(verify, "_sha256", lambda *_: read.append(1) or iter_of(hashlib.sha256(weights).hexdigest()))
    load(), load()
    assert read == [1]
    os.utime(path, (1, 1))
    load()
    assert read == [1, 1]


def iter_of(value):
    return value
    yield


def test_a_file_that_is_replaced_after_verification_is_detected(here, load, weights):
    path = here(weights, is_published=True)
    load()
    path.write_bytes(weights[:-1] + b"x")
    with pytest.raises(BrokenWeights, match="SHA-256"):
        load()


def test_a_read_only_folder_is_read(here, load, weights, monkeypatch):
    here(weights)

    def refuse(*_arguments):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(local_files, "write_stamp", refuse)
    assert load().sha256 == hashlib.sha256(weights).hexdigest()


def test_all_missing_files_of_a_model_are_listed_with_sizes_and_not_downloaded(weights_dir):
    with pytest.raises(MissingWeights, match=r"shap-e/text300M \(1.26 GB\), shap-e/decoder \(0.91 GB\)") as caught:
        require_model("shap-e/text300M", weights_dir)
    assert caught.value.names == ("clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder")
    assert not weights_dir.exists()


def test_a_shipped_model_needs_no_downloads(weights_dir):
    require_model("mini/shap-e", weights_dir)


def test_a_missing_checkpoint_is_named_and_not_downloaded(load, here, weights):
    here(weights).unlink()
    with pytest.raises(MissingWeights, match="test/net"):
        load()


def test_an_empty_network_takes_no_memory():
    assert {p.device.type for p in empty_network(Net).parameters()} == {"meta"}


def test_a_file_of_an_unknown_format_is_named(tmp_path):
    (tmp_path / "page.pt").write_text("<html>Not found</html>" * 9)
    with pytest.raises(BrokenWeights, match="page.pt"):
        read_tensors(tmp_path / "page.pt")
    with pytest.raises(BrokenWeights, match="cannot be read"):
        read_tensors(tmp_path / "none.pt")


def test_the_default_weights_folder_is_used(here, weights, weights_dir, monkeypatch):
    here(weights)
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(weights_dir))
    assert load_network("test/net", Net, CPU).sha256


def test_integers_of_a_file_stay_integers(here, load):
    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("steps", torch.zeros(2, dtype=torch.int64))
            self.register_buffer("mean", torch.zeros(2))

    here({"steps": torch.tensor([2**53 + 1, 5]), "mean": torch.tensor([0.5, 1], dtype=torch.bfloat16)})
    network = load(Counter).network
    assert (network.steps.dtype, network.mean.dtype) == (torch.int64, torch.float32)
    assert network.steps.tolist() == [2**53 + 1, 5]


def test_only_the_renderers_background_may_be_left_over(here, load, tensors):
    here(tensors | {"renderer.void.background": torch.zeros(3)})
    assert load().network
    here(tensors | {"background": torch.zeros(3)})
    with pytest.raises(BrokenWeights, match="has unexpected background"):
        load()
