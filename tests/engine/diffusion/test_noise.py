# SPDX-License-Identifier: GPL-3.0-or-later
"""Random numbers come in the official order."""

import torch

from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m, heun


def shrinking(x, sigma):
    return x / (1 + sigma)


def test_a_seed_draws_what_the_official_sampler_draws_through_two_stages():
    torch.manual_seed(11)
    official = []
    for shape in ((1, 6, 20), (1, 6, 60)):
        x = torch.randn(*shape)
        official += [x, *(torch.randn_like(x) for _ in range(4))]

    noise, ours = Noise(11), []

    def recorded(like):
        ours.append(noise(like))
        return ours[-1]

    for shape in ((6, 20), (6, 60)):
        ours.append(noise.draw(shape))
        list(heun(shrinking, ours[-1] * 80, karras_sigmas(4, 0.01, 80.0), noise=recorded))
    assert len(ours) == len(official)
    assert all(torch.equal(a, b) for a, b in zip(ours, official, strict=True))


def test_a_sample_draws_the_same_numbers_alone_and_in_a_batch():
    batch, alone = Noise([3, 4, 5]), Noise(4)
    for _ in range(2):
        assert torch.equal(batch.draw((6, 20))[1:2], alone.draw((6, 20)))


def test_the_multistep_solver_draws_nothing(monkeypatch):
    monkeypatch.setattr(torch, "randn", None)
    monkeypatch.setattr(torch, "randn_like", None)
    assert len(list(dpm_solver_2m(shrinking, torch.ones(1, 3), karras_sigmas(4, 0.01, 80.0)))) == 4
