# SPDX-License-Identifier: GPL-3.0-or-later
"""Distillation of the small Point-E: what its students learn, from recorded runs and from a classifier."""

import numpy as np
import pytest
import torch
from torch import nn

from blender_text3d.engine.point_e.mini import BASE_POINTS, BASE_SIGMAS, FINE_POINTS
from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.data.colors import COLORS
from scripts.training.data.teacher_runs import POINT_E, captions_of, make_shard
from scripts.training.train.distilled_point_e import CaptionLoss, classified, error_of, loss_of, measure
from scripts.training.train.distilled_shap_e import Runs, step_target
from scripts.training.train.distilled_upsampler import learned, load_upsampler, starts_of, taught
from scripts.training.train.draft_point_e import levels_of
from scripts.training.train.point_e_base import CONTRAST, channel_weights

LEVELS = levels_of(4)


class Options:
    batch, device = 3, "cpu"


@pytest.fixture
def runs(tmp_path):
    """Runs of a teacher whose estimate is a tenth of the noise, and the mean of the condition."""
    teacher = lambda x, t, condition: 0.1 * x + condition.mean((1, 2))[:, None, None]  # noqa: E731
    make_shard(teacher, POINT_E, tmp_path / "001-0000.npz", np.random.default_rng(5), 6, Options)
    return Runs(tmp_path, LEVELS)


def clouds_of(*colors):
    """Return (1, 6, N) of points on a line with gray levels from -1 to 1."""
    places = torch.linspace(-0.9, 0.9, len(colors)).expand(3, -1)
    return torch.cat([places, torch.tensor(colors, dtype=torch.float32).expand(3, -1)])[None]


def test_a_recorded_run_begins_with_noise_and_ends_with_a_clean_cloud(runs):
    assert runs.states.shape == (6, 4, 6, BASE_POINTS)
    assert runs.states[:, 0].float().std() == pytest.approx(1, abs=0.05)
    assert runs.states[:, -1].abs().max() <= 1
    assert [len(column) for column in runs.labels] == [6, 6, 6]


def test_the_levels_of_whole_runs_and_drafts_are_levels_of_the_teacher():
    for steps, sigmas in BASE_SIGMAS.items():
        levels = levels_of(steps)
        assert levels.sigmas == pytest.approx(sigmas, rel=0.01)
        assert levels.ratios[-1] == 0
        assert len(sigmas) == steps - 1  # the last evaluation is the upsampler's


class Oracle(nn.Module):
    """The student that lands where the teacher stands, for the noise of the first state of its runs."""

    def __init__(self, runs):
        super().__init__()
        self.states, self.unused = runs.states.float(), nn.Parameter(torch.zeros(1))

    def forward(self, x, t, conditions):
        step = torch.tensor([LEVELS.timesteps.index(int(value)) for value in t])
        row = torch.stack(
            [(self.states[:, s] - one).square().sum((1, 2)).argmin() for s, one in zip(step, x, strict=True)]
        )
        targets = torch.stack([step_target(self.states, number, LEVELS) for number in range(len(LEVELS.sigmas))], 1)
        return targets[row, step] + self.unused


def test_a_student_that_lands_on_every_state_of_its_teacher_has_no_error(runs):
    student = Oracle(runs)
    states, conditions = runs.states.float(), runs.conditions.float()
    assert loss_of(student, states, conditions, runs.labels, LEVELS).item() == pytest.approx(0, abs=1e-4)
    (distance, color), shares = measure(student, runs, LEVELS, torch.device("cpu"))
    assert (distance, color, shares) == (pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.01), [])
    with torch.no_grad():
        student.unused += 0.1
    assert loss_of(student, states, conditions, runs.labels, LEVELS).item() > 0.005
    (distance, color), _ = measure(student, runs, LEVELS, torch.device("cpu"))
    assert distance == pytest.approx(0.1 * 3**0.5, rel=0.05)
    assert color == pytest.approx(0.05, rel=0.05)


def test_the_error_of_a_rare_color_counts_more_and_that_of_places_alike():
    cloud = clouds_of(*[0.5] * 9, -1)
    weights = channel_weights(cloud)
    assert torch.allclose(weights[:, :3], torch.full((1, 3, 10), 1 / 6))
    mean = (9 * 0.5 - 1) / 10
    assert weights[0, 3, 9].item() == pytest.approx((1 + CONTRAST * (1 + mean)) / 3, abs=1e-5)
    assert weights[0, 3, 0].item() == pytest.approx((1 + CONTRAST * (0.5 - mean)) / 3, abs=1e-5)
    shifted = [cloud.clone(), cloud.clone()]
    shifted[0][0, 3, 0] += 0.1
    shifted[1][0, 3, 9] += 0.1
    assert error_of(shifted[1], cloud) > 2 * error_of(shifted[0], cloud)


class Classifier(nn.Module):
    """Tells gray from dark by the mean color, and sees every cloud as the first category."""

    def forward(self, points, colors):
        light = colors.mean((1, 2))
        category = torch.zeros(len(points), len(CATEGORIES)).index_fill(1, torch.tensor(0), 9.0)
        color = torch.stack([20 * light, 20 * (1 - light)], 1)
        color = torch.cat([color, torch.full((len(points), len(COLORS) - 2), -30.0)], 1)
        return category, color, torch.zeros(len(points), len(ROLES), len(COLORS))


def caption_loss(weight=1.0):
    loss = CaptionLoss.__new__(CaptionLoss)
    loss.classifier, loss.weight = Classifier(), weight
    return loss


def test_the_classifier_gets_colors_from_0_to_1_and_clouds_in_the_bounds_of_the_catalog():
    seen = []
    classified(lambda points, colors: seen.extend([points, colors]) or (), clouds_of(-1, 0, 1) * 0.5)
    points, colors = seen
    assert torch.allclose(points.amax(1) - points.amin(1), torch.full((1, 3), 1.8))
    assert torch.allclose(colors[0, :, 0], torch.tensor([0.25, 0.5, 0.75]))


def test_the_caption_loss_is_lower_for_the_color_that_the_caption_says_and_its_gradient_leads_there():
    nothing = torch.full((1, len(ROLES)), -1)
    labels = [torch.tensor([0]), torch.tensor([0]), nothing]
    dark = clouds_of(-0.5, -0.5).requires_grad_(True)
    torch.manual_seed(0)  # of the noise that the classifier's inputs get
    loss = caption_loss().of(dark, labels)
    loss.backward()
    assert caption_loss().of(clouds_of(0.5, 0.5), labels) < loss
    assert (dark.grad[:, 3:] < 0).all()
    torch.manual_seed(0)
    assert caption_loss(0.5).of(dark, labels).item() == pytest.approx(loss.item() / 2, rel=1e-5)
    category, color, parts = caption_loss().accuracy(clouds_of(0.5, 0.5), labels)
    assert (category.tolist(), color.tolist(), parts.tolist()) == ([True], [True], [])


def test_labels_of_drafts_are_those_of_their_captions():
    conditions, labels = captions_of(4, np.random.default_rng(0))
    assert conditions.shape[0] == 4
    assert [tuple(column.shape) for column in labels] == [(4,), (4,), (4, len(ROLES))]


def test_the_upsampler_that_learns_begins_near_its_teacher_and_from_the_same_noise():
    coarse = clouds_of(*np.linspace(-1, 1, BASE_POINTS).tolist())
    torch.manual_seed(0)
    x = starts_of(coarse)
    assert x.shape == (1, 6, FINE_POINTS)
    assert (x - coarse.repeat_interleave(4, 2)).std() == pytest.approx(0.08, rel=0.05)
    upsampler, condition = load_upsampler(), captions_of(1, np.random.default_rng(0))[0].float()
    channels = (coarse + torch.tensor([0, 0, 0, 1, 1, 1])[:, None]) * torch.tensor([1, 1, 1, *[127.5] * 3])[:, None]
    ours, theirs = (one(upsampler, x, condition, channels) for one in (learned, taught))
    assert 1e-4 < (ours - theirs).square().mean().sqrt() < (x - theirs).square().mean().sqrt()
