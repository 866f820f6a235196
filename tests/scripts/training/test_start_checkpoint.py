"""Training on from weights files: every network of the included files comes back as the trainers read it."""

import pytest
import torch

from blender_text3d.engine.mini.files import POINT_E_WEIGHTS, SHAP_E_WEIGHTS, WORDS_WEIGHTS
from blender_text3d.engine.point_e.grouped_transformer import GroupedBase, GroupedUpsampler
from blender_text3d.engine.point_e.mini import MINI_BASE, MINI_SDF, MINI_UPSAMPLER
from blender_text3d.engine.point_e.voxel_sdf import VoxelPointCloudSDFModel
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_ENCODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from scripts.training.train import export_point_e
from scripts.training.train.export_shap_e import shipped_tensors
from scripts.training.train.exported import half
from scripts.training.train.loop import average_of
from scripts.training.train.start_checkpoint import checkpoint_of

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


def test_point_e_and_the_words_come_back_equal(start):
    point_e = export_point_e.shipped_tensors(start, start, start)
    for weights, after in ((POINT_E_WEIGHTS, point_e), (WORDS_WEIGHTS, half(average_of(start, "text")))):
        before = load_float32(weights)
        assert before.keys() == after.keys()
        assert all(torch.equal(tensor, after[name].float()) for name, tensor in before.items())
