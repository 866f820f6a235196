# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the draft weights: what is learned, and what stays."""

import numpy as np
import pytest
import torch
from torch import nn

from blender_text3d.engine.diffusion.schedule import DISTILLED_SIGMAS
from blender_text3d.engine.mini.files import DRAFT_SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from blender_text3d.engine.weights.loading.updates import updated
from scripts.training.data.teacher_runs import captions_of
from scripts.training.train.distilled_shap_e import rollout, student_levels
from scripts.training.train.draft_network import DraftNetwork
from scripts.training.train.draft_shap_e import DraftConfig, draft_levels, loss_of
from scripts.training.train.export_draft_shap_e import update_of


class Prior(nn.Module):
    """Estimates that depend on noise, timestep and condition."""

    def __init__(self, factor):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(float(factor)))

    def forward(self, x, t, condition):
        return self.factor * torch.tanh(x) + 1e-3 * t[:, None] * condition.mean((1, 2))[:, None]


def decoder(latents, points):
    """Return channels (B, N, 6) that depend on the latent."""
    return (points.norm(dim=-1, keepdim=True) - latents.mean(1)[:, None, None].abs()).expand(-1, -1, 6)


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(8, 5, generator=generator), torch.randn(8, 4, 3, generator=generator)


@pytest.fixture(scope="module")
def draft():
    return DraftNetwork(DraftConfig())


def inputs(draft):
    noise = torch.randn(2, MINI_PRIOR.d_latent, generator=torch.Generator().manual_seed(0))
    return noise, torch.tensor([865, 107]), captions_of(2, np.random.default_rng(0))[0].float()


def test_a_draft_takes_two_evaluations_from_pure_noise():
    assert draft_levels().sigmas == list(DISTILLED_SIGMAS[2])
    assert len(draft_levels().timesteps) == 2
    assert draft_levels().ratios[-1] == 0


def test_before_training_the_draft_network_is_the_distilled_one(draft):
    assert torch.equal(draft(*inputs(draft)), draft.base(*inputs(draft)))


def test_an_earlier_update_is_taken_over(draft):
    other = DraftNetwork(DraftConfig())
    other.take(load_float32(DRAFT_SHAP_E_WEIGHTS))
    included = MiniShapE.load(torch.device("cpu")).distilled[2].network
    torch.testing.assert_close(other(*inputs(other)), included(*inputs(other)))
    assert not torch.equal(other(*inputs(other)), draft(*inputs(draft)))


def test_only_the_update_is_trained_and_it_reaches_every_tensor(draft):
    assert {name.partition(".")[0] for name, value in draft.named_parameters() if value.requires_grad} == {"update"}
    loss = draft(*inputs(draft)).square().mean()
    loss.backward()
    ups = {key: value for key, value in draft.update.items() if not key.endswith("-down")}
    assert all(value.grad.abs().max() > 0 for key, value in ups.items() if "c_qkv-bias" not in key)
    assert all(value.grad is None for value in draft.base.parameters())


def test_the_stored_update_makes_the_trained_network(draft):
    with torch.no_grad():
        for value in draft.update.values():
            value.add_(0.01 * torch.randn_like(value))
    stored = update_of(draft.state_dict())
    tensors = updated(draft.base.state_dict(), stored)
    made = torch.func.functional_call(draft.base, tensors, inputs(draft))
    assert torch.allclose(made, draft(*inputs(draft)), atol=1e-5)


def test_a_draft_learns_to_end_where_the_whole_run_does(batch):
    torch.manual_seed(0)
    teacher, student = Prior(0.7), Prior(0.1)
    optimizer, losses = torch.optim.Adam(student.parameters(), lr=0.05), []
    for _ in range(30):
        optimizer.zero_grad()
        loss = loss_of(student, teacher, decoder, *batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.mean(losses[-5:]) < 0.3 * losses[0]
    assert not rollout(teacher, *batch, student_levels()).isnan().any()


def test_conditions_are_those_of_random_captions():
    conditions, _ = captions_of(3, np.random.default_rng(0))
    assert conditions.dtype == torch.float16
    assert len({row.numpy().tobytes() for row in conditions}) == 3
