# SPDX-License-Identifier: GPL-3.0-or-later
"""Draft weights: a low-rank update of the distilled ones, as it is stored."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from blender_text3d.engine.mini.files import DRAFT_SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.shap_e.distilled import load_draft
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.loading.updates import RANK, is_updated_by_rank, updated

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model():
    return MiniShapE.load(CPU)


def test_a_matrix_gets_the_product_of_its_factors_and_a_vector_its_difference():
    base = {"weight": torch.randn(48, 40), "bias": torch.randn(48)}
    up, down, change = torch.randn(48, RANK), torch.randn(RANK, 40), torch.randn(48)
    new = updated(base, {"weight.up": up.half(), "weight.down": down.half(), "bias.difference": change})
    assert torch.allclose(new["weight"], base["weight"] + up @ down, atol=0.02)
    assert torch.equal(new["bias"], base["bias"] + change)


def test_matrices_that_are_small_are_updated_whole():
    assert is_updated_by_rank(torch.zeros(192, 64))
    assert not is_updated_by_rank(torch.zeros(192, 2 * RANK))
    assert not is_updated_by_rank(torch.zeros(192))


def test_the_included_update_changes_the_distilled_network_by_less_than_its_rank_allows(model):
    whole, draft = (model.distilled[steps].network.state_dict() for steps in (4, 2))
    name = "wrapped.backbone.resblocks.0.mlp.c_fc.weight"
    change = draft[name] - whole[name]
    values = torch.linalg.svdvals(change)
    assert 0 < change.norm() < 0.5 * whole[name].norm()
    assert values[RANK:].max() < 1e-4 * values[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors: tensors.pop("wrapped.output_proj.weight.up"),
        lambda tensors: tensors.update({"other.difference": torch.zeros(1)}),
        lambda tensors: tensors.update({"wrapped.ln_pre.bias.difference": torch.zeros(3)}),
        lambda tensors: tensors.update({"wrapped.output_proj.weight.down": torch.zeros(2, 5)}),
    ],
    ids=["missing", "unexpected", "another shape", "another rank"],
)
def test_a_file_of_other_weights_is_refused_by_name(model, damage, tmp_path):
    tensors = load_file(DRAFT_SHAP_E_WEIGHTS)
    damage(tensors)
    save_file(tensors, tmp_path / "draft.safetensors")
    with pytest.raises(BrokenWeights, match=r"draft\.safetensors is missing or corrupt .* Reinstall the add-on\."):
        load_draft(tmp_path / "draft.safetensors", MINI_PRIOR, model.distilled[4], CPU)


@pytest.mark.parametrize("content", [None, b"", b"\x08\0\0\0\0\0\0\0{}"])
def test_a_damaged_file_is_refused(model, content, tmp_path):
    path = tmp_path / "draft.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BrokenWeights, match="is missing or corrupt"):
        load_draft(path, MINI_PRIOR, model.distilled[4], CPU)
