"""Training on from weights files: every network of the included files comes back as the trainers read it."""

import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.glide.mini import MODEL
from blender_text3d.engine.image.mini_image_tower import SmallImageTower, SmallImageTowerConfig
from blender_text3d.engine.mini.files import (
    IMAGE_TOWER_WEIGHTS,
    POINT_E_WEIGHTS,
    SHAP_E_WEIGHTS,
    WORDS_WEIGHTS,
)
from blender_text3d.engine.point_e.grouped_transformer import GroupedBase, GroupedUpsampler
from blender_text3d.engine.point_e.mini import MINI_BASE, MINI_SDF, MINI_UPSAMPLER
from blender_text3d.engine.point_e.voxel_sdf import VoxelPointCloudSDFModel
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_ENCODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.weights.loading.eight_bits import restored
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.images.tower_words import image_vocabulary
from scripts.training.train import export_point_e, tower
from scripts.training.train.export_shap_e import shipped_tensors
from scripts.training.train.exported import half
from scripts.training.train.extend_words import EMBEDDING
from scripts.training.train.glide import initialize, new_networks
from scripts.training.train.loop import average_of
from scripts.training.train.start_checkpoint import checkpoint_of, checkpoint_of_models, glide_checkpoint
from tests.earlier_words import write_vocabulary

NETWORKS = {
    "encoder": PointCloudEncoder(MINI_ENCODER), "decoder": VectorDecoder(MINI_DECODER),
    "prior": SplitVectorDiffusion(MINI_PRIOR), "base": GroupedBase(MINI_BASE),
    "upsampler": GroupedUpsampler(MINI_UPSAMPLER), "sdf": VoxelPointCloudSDFModel(MINI_SDF),
}  # fmt: skip


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A checkpoint of the included weights."""
    path = tmp_path_factory.mktemp("start") / "start.pt"
    torch.save(checkpoint_of(WORDS_WEIGHTS, SHAP_E_WEIGHTS, POINT_E_WEIGHTS), path)
    return path


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_of_the_included_weights_is_a_start_for_its_trainer(start, name):
    NETWORKS[name].load_state_dict(average_of(start, name))


def test_shap_e_comes_back_equal_but_for_the_rounding_of_its_prior(start):
    before, after = load_float32(SHAP_E_WEIGHTS), shipped_tensors(start, start, start)
    for name, tensor in before.items():
        restored = after[name].float()
        if name + ".scale" in after:
            restored = restored * after[name + ".scale"].view(-1, 1)
        assert (restored - tensor).abs().max() <= tensor.abs().max() / 250


def test_point_e_comes_back_with_the_same_numbers_in_8_bits(start):
    after = restored(export_point_e.shipped_tensors(start, start, start))
    before = load_float32(POINT_E_WEIGHTS)
    assert before.keys() == after.keys()
    assert all(torch.allclose(tensor, after[name], rtol=1e-3) for name, tensor in before.items())


def test_the_words_come_back_equal(start):
    before, after = load_float32(WORDS_WEIGHTS), half(average_of(start, "text"))
    assert before.keys() == after.keys()
    assert all(torch.equal(tensor, after[name].float()) for name, tensor in before.items())


@pytest.fixture
def two_trainings(tmp_path):
    """A vocabulary file in which the small GLIDE has the words of an earlier training."""
    return write_vocabulary(tmp_path / "vocabulary.json", latest=[], earlier=[MODEL])


@pytest.fixture
def glide_of_earlier_words(two_trainings, tmp_path):
    """Weights of the small GLIDE with the words of an earlier training."""
    latest, own = Vocabulary.read(two_trainings).ids, Vocabulary.read(two_trainings, MODEL).ids
    torch.manual_seed(0)
    tensors = new_networks()["text"].state_dict() | new_networks()["image"].state_dict()
    rows = tensors[EMBEDDING][[0, *(latest[word] for word in own)]]
    save_file(tensors | {EMBEDDING: rows}, tmp_path / "glide.safetensors")
    return tmp_path / "glide.safetensors"


def test_glide_starts_with_a_row_for_every_word_and_those_that_it_knew_are_its_own(
    two_trainings, glide_of_earlier_words, tmp_path
):
    torch.save(glide_checkpoint(glide_of_earlier_words, two_trainings), tmp_path / "start.pt")
    networks = new_networks()
    initialize(networks, tmp_path / "start.pt")
    before, rows = load_float32(glide_of_earlier_words), networks["text"].token_embedding.weight.detach()
    new, old = Vocabulary.read(two_trainings).ids, Vocabulary.read(two_trainings, MODEL).ids
    for word, number in old.items():
        assert torch.allclose(rows[new[word]], before[EMBEDDING][number], atol=1e-3), word
    assert len(rows) == 1 + len(new) > 1 + len(old)
    assert torch.equal(networks["image"].state_dict()["out.2.bias"], before["out.2.bias"])


def test_glide_with_all_words_comes_back_equal(tmp_path):
    torch.manual_seed(0)
    networks = new_networks()
    save_file(networks["text"].state_dict() | networks["image"].state_dict(), tmp_path / "glide.safetensors")
    averages = glide_checkpoint(tmp_path / "glide.safetensors")["averages"]
    for name, network in networks.items():
        assert averages[name].keys() == network.state_dict().keys()
        assert all(torch.equal(tensor, averages[name][key]) for key, tensor in network.state_dict().items())


def test_glide_with_words_of_no_training_is_refused(two_trainings, glide_of_earlier_words):
    tensors = load_float32(glide_of_earlier_words)
    save_file(tensors | {EMBEDDING: tensors[EMBEDDING][:8].clone()}, glide_of_earlier_words)
    with pytest.raises(ValueError, match=r"trained with 7 words; vocabulary.json has \d+ or \d+\."):
        glide_checkpoint(glide_of_earlier_words, two_trainings)
    with pytest.raises(ValueError, match=r"trained with 7 words; vocabulary.json has \d+\."):
        checkpoint_of_models(["glide"], WORDS_WEIGHTS, [glide_of_earlier_words])


def test_the_trunk_of_the_included_tower_is_a_start_for_its_trainer(tmp_path):
    torch.save(checkpoint_of_models(["tower"], WORDS_WEIGHTS, [IMAGE_TOWER_WEIGHTS]), tmp_path / "start.pt")
    network = SmallImageTower(SmallImageTowerConfig.of(image_vocabulary()))
    tower.initialize(network, tmp_path / "start.pt")
    before = load_float32(IMAGE_TOWER_WEIGHTS)
    assert torch.equal(network.visual.conv1.weight, before["visual.conv1.weight"])
    assert average_of(tmp_path / "start.pt", "tower").keys() == before.keys()


@pytest.mark.parametrize(
    ("models", "files", "sentence"),
    [
        (["shap-e", "glide"], 2, "shap-e and glide share no checkpoint"),
        (["tower", "glide"], 2, "share no checkpoint"),
        (["shap-e", "point-e"], 1, "There are 2 models and 1 files"),
    ],
)
def test_models_without_a_common_checkpoint_are_refused(models, files, sentence):
    with pytest.raises(ValueError, match=sentence):
        checkpoint_of_models(models, WORDS_WEIGHTS, [SHAP_E_WEIGHTS] * files)
