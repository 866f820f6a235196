# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews are shown only if Blender can load them without a noticeable pause."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from blender_text3d.addon.jobs import previews
from blender_text3d.addon.jobs.previews import (
    ALWAYS_FITS_BYTES,
    BUDGET_MS,
    PreviewCost,
    load_and_show,
    show_newest_preview,
)
from blender_text3d.addon.state.active_job import ImportTarget
from blender_text3d.geometry import PointCloud
from blender_text3d.geometry.npz import save_geometry


def test_a_preview_that_would_take_too_long_is_skipped():
    cost = PreviewCost(ms_per_byte=1e-5)
    assert cost.fits(int(BUDGET_MS / 1e-5))
    assert not cost.fits(int(BUDGET_MS / 1e-5) + 10)


def test_a_small_preview_is_always_shown():
    assert PreviewCost(ms_per_byte=1.0).fits(131_072)
    assert not PreviewCost(ms_per_byte=1.0).fits(131_073)


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


def test_each_refusal_lowers_the_estimate_by_a_tenth_and_a_preview_that_fits_leaves_it():
    cost = PreviewCost(ms_per_byte=1e-4)
    assert not cost.fits(200_000)
    assert cost.ms_per_byte == pytest.approx(0.9e-4)
    assert cost.fits(100_000)
    assert cost.ms_per_byte == pytest.approx(0.9e-4)


@pytest.mark.parametrize(
    ("size_bytes", "took_ms", "ms_per_byte"),
    [(200_000, 2.0, 1.5e-5), (200_000, 8.0, 3e-5), (200_000, 80.0, 3e-5), (ALWAYS_FITS_BYTES, 8.0, 2e-5)],
)
def test_a_new_time_is_averaged_with_the_estimate_and_counts_at_most_twice(size_bytes, took_ms, ms_per_byte):
    cost = PreviewCost()
    cost.update(size_bytes, took_ms)
    assert cost.ms_per_byte == pytest.approx(ms_per_byte)


@pytest.fixture
def job(new_job, scene):
    """A running job with a new preview of one unit's side."""
    job = new_job(size_m=3.0, rotation_deg=90)
    job.target = ImportTarget(scene.name, (1.0, 2.0, 3.0))
    job.has_new_preview, job.name = True, "a chair"
    job.folder.path.mkdir(parents=True)
    points = np.array([[x, y, z] for x in (0, 1) for y in (0, 0.5) for z in (0, 0.25)], np.float32)
    save_geometry(job.folder.preview, PointCloud(np.tile(points, (100, 1)), np.ones((800, 3), np.float32)))
    return job


def test_a_preview_has_the_name_size_location_and_rotation_of_the_result(job, scene):
    scene.unit_settings.scale_length = 0.5
    load_and_show(job, job.target)
    (target,) = scene.objects
    assert (target.name, tuple(target.location), target["text3d_forming"]) == ("a chair", (1, 2, 3), "job-1")
    corners = np.array([vertex.co for vertex in target.data.vertices])
    np.testing.assert_allclose(np.ptp(corners, axis=0), (3, 6, 1.5), atol=0.1)


def test_a_preview_goes_to_the_scene_of_its_job_and_lets_solid_view_show_its_colors(job, scene, monkeypatch):
    shown = []
    monkeypatch.setattr(previews.solid_view, "show_colors", lambda: shown.append(1))
    other = bpy.data.scenes.new("other")
    load_and_show(job, ImportTarget("other", (0.0, 0.0, 0.0)))
    assert (len(other.objects), len(scene.objects), shown) == (1, 0, [1])


def test_a_preview_is_shown_once(job, scene, monkeypatch):
    shown = []
    monkeypatch.setattr(previews, "load_and_show", lambda *arguments: shown.append(arguments))
    show_newest_preview(job)
    show_newest_preview(job)
    assert shown == [(job, job.target)]
    assert not job.has_new_preview


def test_without_a_target_no_preview_is_shown(job, monkeypatch):
    monkeypatch.setattr(previews, "load_and_show", lambda *_: pytest.fail("it was shown"))
    job.target = None
    show_newest_preview(job)
    assert job.has_new_preview


def test_a_preview_that_does_not_fit_waits_for_the_next(job, monkeypatch):
    monkeypatch.setattr(previews, "load_and_show", lambda *_: pytest.fail("it was shown"))
    monkeypatch.setattr(previews.cost, "fits", lambda size_bytes: size_bytes != job.folder.preview.stat().st_size)
    show_newest_preview(job)
    assert not job.has_new_preview


def test_the_time_of_a_preview_is_measured_in_milliseconds(job, monkeypatch):
    times, measured = iter((5.0, 5.002)), []
    monkeypatch.setattr(previews, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    monkeypatch.setattr(previews.cost, "update", lambda *values: measured.append(values))
    monkeypatch.setattr(previews, "load_and_show", lambda *_: None)
    show_newest_preview(job)
    assert measured == [(job.folder.preview.stat().st_size, pytest.approx(2.0))]


@pytest.mark.parametrize("damage", ["missing", "broken"])
def test_a_preview_that_is_being_replaced_is_passed_over(job, scene, damage):
    job.folder.preview.unlink()
    if damage == "broken":
        job.folder.preview.write_bytes(b"PK")
    show_newest_preview(job)
    assert not scene.objects
    assert not job.has_new_preview


def test_warming_up_shows_nothing(scene):
    previews.warm_up()
    assert not bpy.data.objects
    assert not bpy.data.meshes
