# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews are shown only if Blender can load them without a noticeable pause."""

from blender_text3d.addon.jobs.previews import ALWAYS_FITS_BYTES, BUDGET_MS, PreviewCost


def test_a_preview_that_would_take_too_long_is_skipped():
    cost = PreviewCost(ms_per_byte=1e-5)
    assert cost.fits(int(BUDGET_MS / 1e-5))
    assert not cost.fits(int(BUDGET_MS / 1e-5) + 10)


def test_a_small_preview_is_always_shown():
    assert PreviewCost(ms_per_byte=1.0).fits(ALWAYS_FITS_BYTES)


def test_the_interval_follows_the_duration_of_previews():
    cost = PreviewCost()
    for _ in range(10):
        cost.update(1_000_000, 50.0)
    assert not cost.fits(1_000_000)
    assert cost.fits(150_000)
    for _ in range(10):
        cost.update(1_000_000, 5.0)
    assert cost.fits(1_000_000)


def test_one_stall_of_the_machine_does_not_end_the_previews():
    cost = PreviewCost()
    cost.update(300_000, 1_000.0)
    assert cost.fits(300_000)


def test_a_machine_that_was_slow_for_a_while_gets_previews_again():
    cost = PreviewCost(ms_per_byte=1e-3)
    assert not cost.fits(200_000)
    assert any(cost.fits(200_000) for _ in range(60))
