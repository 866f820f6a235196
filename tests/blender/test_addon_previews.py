# SPDX-License-Identifier: GPL-3.0-or-later
"""Which previews are shown: those that Blender can take in before anybody notices."""

from blender_text3d.addon.previews import ALWAYS_FITS_BYTES, BUDGET_MS, Cost


def test_a_preview_that_would_take_too_long_is_skipped():
    cost = Cost(ms_per_byte=1e-5)
    assert cost.fits(int(BUDGET_MS / 1e-5))
    assert not cost.fits(int(BUDGET_MS / 1e-5) + 10)


def test_a_small_preview_is_always_shown():
    assert Cost(ms_per_byte=1.0).fits(ALWAYS_FITS_BYTES)


def test_the_cost_follows_what_previews_took():
    cost = Cost(ms_per_byte=0.0)
    for _ in range(10):
        cost.learn(1_000_000, 50.0)
    assert not cost.fits(1_000_000) and cost.fits(150_000)


def test_one_slow_moment_is_forgotten():
    cost = Cost()
    cost.learn(1_000_000, 1_000.0)
    assert not cost.fits(200_000)
    assert any(cost.fits(200_000) for _ in range(60))
