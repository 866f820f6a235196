"""Training on from weights files: every network of the included files comes back as the trainers read it."""

import torch

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS, WORDS_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_ENCODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from scripts.training.train.export_shap_e import shipped_tensors
from scripts.training.train.loop import average_of
from scripts.training.train.start_checkpoint import checkpoint_of

NETWORKS = {
    "encoder": PointCloudEncoder(MINI_ENCODER), "decoder": VectorDecoder(MINI_DECODER),
    "prior": SplitVectorDiffusion(MINI_PRIOR),
}  # fmt: skip


def test_the_included_weights_are_a_start_for_training_and_come_back_equal(tmp_path):
    path = tmp_path / "start.pt"
    torch.save(checkpoint_of(SHAP_E_WEIGHTS, WORDS_WEIGHTS), path)
    for name, network in NETWORKS.items():
        network.load_state_dict(average_of(path, name))
    before, after = load_float32(SHAP_E_WEIGHTS), shipped_tensors(path, path, path)
    for name, tensor in before.items():
        restored = after[name].float()
        if name + ".scale" in after:
            restored = restored * after[name + ".scale"].view(-1, 1)
        assert (restored - tensor).abs().max() <= tensor.abs().max() / 250
