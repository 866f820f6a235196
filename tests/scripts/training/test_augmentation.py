# SPDX-License-Identifier: GPL-3.0-or-later
"""Augmentation: clouds reconstructed by the small Point-E's own stages."""

import torch

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.point_e.grouped_transformer import GroupedBase
from blender_text3d.engine.point_e.mini import BASE_POINTS, FINE_POINTS, MINI_BASE
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.augmentation import load_stages, reconstruct_coarse, reconstruct_fine
from scripts.training.data.ordered_clouds import Clouds
from scripts.training.train.point_e_sdf import CloudReconstructor


def distance_to_surface(reconstructed, cloud):
    """Return the mean distance (B,) float32 of points (B, 6, N) to the nearest point of the shape."""
    distances = torch.cdist(reconstructed[:, :3].transpose(1, 2), cloud[:, :3].transpose(1, 2))
    return distances.min(dim=2).values.mean(1)


def test_a_reconstructed_cloud_is_near_its_shape_and_not_equal(data):
    torch.manual_seed(0)
    model, clouds = load_stages(), Clouds(*data, Vocabulary.read(VOCABULARY))
    cloud, placed, ids = clouds.at(torch.tensor([0, 2]))
    with torch.no_grad():
        condition = model.conditioner.encoder(ids)
    coarse, fine = reconstruct_coarse(model, condition, placed), reconstruct_fine(model, condition, placed)
    assert coarse.shape == (2, 6, BASE_POINTS)
    assert fine.shape == (2, 6, FINE_POINTS)
    for reconstructed in (coarse, fine):
        distance = distance_to_surface(reconstructed, cloud)
        assert distance.min() > 0.005
        assert distance.max() < 0.2
    torch.nn.Linear(FINE_POINTS, 1)(fine).sum().backward()


def test_a_checkpoints_network_replaces_the_included_one(tmp_path):
    torch.manual_seed(0)
    base = GroupedBase(MINI_BASE)
    torch.save({"averages": {"base": base.state_dict()}}, tmp_path / "base.pt")
    model = load_stages(base=tmp_path / "base.pt")
    name = "wrapped.output_proj.weight"
    assert torch.equal(model.base.state_dict()[name], base.state_dict()[name])
    assert model.stages[0].network is model.base
    assert not torch.equal(model.base.state_dict()[name], load_stages().base.state_dict()[name])


def test_the_distance_model_receives_the_clouds_of_the_requested_rows(data, monkeypatch):
    reconstruct, rows = CloudReconstructor(*data, limit=None), torch.tensor([1, 3])
    monkeypatch.setattr("scripts.training.train.point_e_sdf.reconstruct_fine", lambda model, condition, placed: placed)
    _, placed, _ = reconstruct.clouds.at(rows)
    assert torch.equal(reconstruct(rows), placed[:, :3])
