# SPDX-License-Identifier: GPL-3.0-or-later
"""The template of the point order, recovered from a base: shapes in its order are what the base learned."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.point_e.grouped_transformer import CHANNELS, GroupedBase
from blender_text3d.engine.point_e.mini import BASE_POINTS, MINI_BASE
from scripts.training.data.augmentation import load_base
from scripts.training.data.base_template import base_template, prompts_of, write_template
from scripts.training.data.kinds import FIRST_KINDS
from scripts.training.data.ordered_clouds import Clouds, scale_clouds
from scripts.training.data.point_ordering import make
from scripts.training.train.point_e_base import SCHEDULE, loss_of

GROUP = MINI_BASE.input_channels // CHANNELS
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def base():
    """The included base, with the encoder of the captions."""
    return load_base()


@pytest.fixture(scope="module")
def template(base):
    """The template of the included base, of kinds that it knows."""
    return base_template(base, prompts_of(FIRST_KINDS))


def test_a_base_that_predicts_the_same_points_of_any_noise_has_them_as_its_template():
    network = GroupedBase(MINI_BASE)
    points = torch.rand(CHANNELS, GROUP) - 0.5
    with torch.no_grad():
        network.wrapped.output_proj.weight.zero_()
        network.wrapped.output_proj.bias.copy_(points.flatten())
    model = SimpleNamespace(base=network.eval(), device=CPU, conditioner=caption_conditioner(CPU))
    found = base_template(model, ["a red chair", "a blue mug"])
    assert found.shape == (BASE_POINTS, 3)
    torch.testing.assert_close(found, points[:3].T.repeat(BASE_POINTS // GROUP, 1))


def test_neighbors_of_the_template_of_the_included_base_are_in_one_group_within_the_model_space(template):
    assert template.abs().max() < 0.9
    groups = template.reshape(-1, GROUP, 3)
    assert groups.std(1).mean() < 0.5 * template[torch.randperm(BASE_POINTS)].reshape(groups.shape).std(1).mean()


def test_the_included_base_predicts_shapes_in_the_order_of_its_template_better_than_in_another(
    base, template, data, tmp_path
):
    write_template(template, tmp_path / "template.npy")
    stored = np.load(tmp_path / "template.npy")
    assert stored.dtype == np.float32
    make(data[0], tmp_path / "places", None, tmp_path / "template.npy")
    assert (np.load(tmp_path / "template.npy") == stored).all()
    own, other = (
        mean_loss(base, Clouds(data[0], places, base.conditioner.vocabulary))
        for places in (tmp_path / "places", data[1])
    )
    assert own < 0.5 * other


@torch.no_grad()
def mean_loss(model, clouds):
    """The loss of a base on all shapes of a data set, with the same captions and noise each time."""
    torch.manual_seed(0)
    _, placed, ids = clouds.at(torch.arange(len(clouds)).repeat(8))
    alphas_cumprod = torch.from_numpy(Schedule(SCHEDULE).alphas_cumprod)
    return float(loss_of(model.base, model.conditioner.encoder, scale_clouds(placed), ids, alphas_cumprod).mean())
