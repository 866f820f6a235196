# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the small Point-E: ordered points, noise with a known target, and an export that its loader reads."""

import numpy as np
import torch

from blender_text3d.engine.diffusion.denoiser import denoised_from_output
from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.point_e import mini
from blender_text3d.engine.point_e.mini import MINI_BASE, MINI_SDF, MINI_UPSAMPLER, MiniPointE
from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.augmentation import load_stages
from scripts.training.data.ordered_clouds import Clouds, scale_clouds, unscale_clouds
from scripts.training.data.point_ordering import assign_places, order_by_halving, spread_points
from scripts.training.evaluate import point_e_samples
from scripts.training.train import point_e_base, point_e_sdf, point_e_upsampler
from scripts.training.train.export_point_e import shipped_tensors
from scripts.training.train.exported import write_weights


def sphere(count, seed=0):
    points = torch.randn(count, 3, generator=torch.Generator().manual_seed(seed))
    return points / points.norm(dim=1, keepdim=True)


def test_spread_points_are_farther_apart_than_random_ones():
    points = sphere(600)[None]
    picked = points[0, spread_points(points, 40)[0]]
    apart, random = (torch.pdist(some).min() for some in (picked, points[0, :40]))
    assert apart > 3 * random


def test_every_point_is_assigned_once_and_no_swap_shortens_the_distances():
    template, points = sphere(30), sphere(30, seed=1)
    places = assign_places(template, points)
    assert sorted(places.tolist()) == list(range(30))
    distances = torch.cdist(template, points).square()
    best = distances[torch.arange(30), places]
    for a, b in ((0, 1), (3, 17), (28, 29)):
        assert best[a] + best[b] <= distances[a, places[b]] + distances[b, places[a]] + 1e-6


def test_halving_keeps_all_points_and_groups_neighbors():
    points = sphere(256)
    order = order_by_halving(points)
    assert sorted(order.tolist()) == list(range(256))
    spread = points[order].reshape(32, 8, 3).std(1).mean()
    assert spread < 0.5 * points.reshape(32, 8, 3).std(1).mean()


def test_scaling_is_undone_and_fills_minus_one_to_one():
    cloud = torch.cat([0.9 * sphere(50), torch.rand(50, 3) * 255], dim=1).T
    assert torch.allclose(unscale_clouds(scale_clouds(cloud)), cloud, atol=1e-4)
    assert scale_clouds(cloud).abs().max() <= 1.0


def test_the_denoiser_recovers_the_clean_cloud_from_the_added_noise():
    schedule = Schedule(point_e_upsampler.SCHEDULE)
    clean, noise = torch.rand(4, 6, 10), torch.randn(4, 6, 10)
    for t in (3, 500, 1000):
        x = point_e_base.noisy(clean, noise, torch.full((4,), float(schedule.alphas_cumprod[t])))
        assert torch.allclose(denoised_from_output(noise, x, schedule.denoised_factors(t), "epsilon"), clean, atol=1e-2)


def test_fine_points_are_selected_among_the_nearest_of_their_coarse_point():
    cloud = torch.cat([sphere(300), torch.zeros(300, 3)], dim=1).T[None]
    fine = point_e_upsampler.select_fine_points(cloud[..., :20], cloud, 4)
    assert fine.shape == (1, 6, 80)
    apart = (fine[0, :3].reshape(3, 20, 4) - cloud[0, :3, :20, None]).norm(dim=0)
    assert apart.max() < torch.cdist(sphere(300), sphere(300)).median() / 2


def test_a_distance_of_the_wrong_sign_has_a_larger_loss_than_a_small_error():
    truth = torch.tensor([[0.05, -0.05]])
    off, wrong = (point_e_sdf.loss_of(truth * factor, truth) for factor in (0.8, -1.0))
    assert point_e_sdf.loss_of(truth, truth) == 0 < off < wrong


def test_clouds_are_read_with_their_point_order_and_captions(data):
    clouds = Clouds(*data, Vocabulary.read(VOCABULARY))
    cloud, placed, ids = clouds.at(torch.tensor([1, 3]))
    assert cloud.shape == (2, 6, 1024)
    assert placed.shape == (2, 6, mini.BASE_POINTS)
    assert (ids[:, 0] > 0).all()
    points = {tuple(point) for point in cloud[0].T.tolist()}
    assert {tuple(point) for point in placed[0].T.tolist()} <= points


def random_model(tmp_path, monkeypatch):
    """A model of the shipped sizes with random weights, written by the export and read by the loader."""
    torch.manual_seed(0)
    networks = {
        "base": mini.GroupedBase(MINI_BASE),
        "upsampler": mini.GroupedUpsampler(MINI_UPSAMPLER),
        "sdf": mini.VoxelPointCloudSDFModel(MINI_SDF),
    }
    torch.save({"averages": {name: network.state_dict() for name, network in networks.items()}}, tmp_path / "all.pt")
    write_weights(shipped_tensors(*[tmp_path / "all.pt"] * 3), tmp_path / "point_e.safetensors")
    monkeypatch.setattr(mini, "POINT_E_WEIGHTS", tmp_path / "point_e.safetensors")
    return MiniPointE.load(torch.device("cpu"))


def test_the_loader_reads_and_samples_the_exported_file(tmp_path, monkeypatch):
    model = random_model(tmp_path, monkeypatch)
    assert (tmp_path / "point_e.safetensors").stat().st_size <= 10 * 2**20
    condition = model.conditioner.encode_prompt("a red chair")
    coarse = point_e_samples.coarse_clouds(model, condition, [1, 2], steps=2)
    fine = point_e_samples.fine_clouds(model, condition, coarse, [1, 2])
    assert coarse.shape == (2, 6, mini.BASE_POINTS)
    assert fine.shape == (2, 6, mini.FINE_POINTS)
    assert fine[:, 3:].min() >= 0
    assert fine[:, 3:].max() <= 255.001
    alone = point_e_samples.coarse_clouds(model, condition, [2], steps=2)
    assert torch.allclose(alone[0], coarse[1], atol=1e-3)
    assert not np.allclose(coarse[0], coarse[1])


def test_one_step_of_each_training_has_gradients_for_its_network(data):
    clouds = Clouds(*data, Vocabulary.read(VOCABULARY))
    text = WordEncoder(WordEncoderConfig(len(Vocabulary.read(VOCABULARY).ids)))
    base, upsampler = mini.GroupedBase(MINI_BASE), mini.GroupedUpsampler(MINI_UPSAMPLER)
    rows, model = torch.tensor([0, 2]), load_stages()
    for network, schedule in ((base, "cosine"), (upsampler, "linear")):
        point_e_base.initialize(network)
        alphas_cumprod = torch.from_numpy(Schedule(schedule).alphas_cumprod)
        if network is base:
            _, placed, ids = clouds.at(rows)
            loss = point_e_base.loss_of(base, text, scale_clouds(placed), ids, alphas_cumprod)
        else:
            loss = point_e_upsampler.batch_loss(upsampler, model, clouds, rows, alphas_cumprod)
        loss.mean().backward()
        assert loss.shape == (2,)
        assert network.wrapped.output_proj.weight.grad.abs().max() > 0
