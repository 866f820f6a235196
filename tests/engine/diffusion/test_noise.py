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


def test_a_blend_is_the_first_noise_at_0_and_the_other_at_1_to_the_last_bit():
    for strength, seed in ((0.0, 3), (1.0, 8)):
        assert torch.equal(Noise(3, [[(8, strength)]]).draw((6, 20)), Noise(seed).draw((6, 20)))


def test_a_blend_is_standard_normal_and_nearer_to_the_first_noise_the_weaker_it_is():
    noise, count = Noise(3).draw((40_000,)), 40_000
    blends = [Noise(3, [[(8, strength)]]).draw((count,)) for strength in (0.1, 0.3, 0.5, 0.9)]
    assert all(abs(float(blend.std()) - 1) < 0.02 for blend in blends)
    similarities = [float((noise * blend).mean()) for blend in blends]
    assert similarities == sorted(similarities, reverse=True)
    assert 0.65 < similarities[2] < 0.75


def test_variations_are_applied_in_order_to_every_draw():
    chained, once, last = Noise(3, [[(8, 0.3), (9, 0.5)]]), Noise(3, [[(8, 0.3)]]), Noise(9)
    for _ in range(2):
        torch.testing.assert_close(chained.draw((50,)), (once.draw((50,)) + last.draw((50,))) * 0.5**0.5)


def test_only_the_samples_of_a_batch_that_are_varied_change():
    batch = Noise([3, 4], [[], [(8, 0.5)]]).draw((6, 20))
    assert torch.equal(batch[0], Noise(3).draw((6, 20))[0])
    assert not torch.equal(batch[1], Noise(4).draw((6, 20))[0])
