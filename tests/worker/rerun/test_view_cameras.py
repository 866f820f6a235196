# SPDX-License-Identifier: GPL-3.0-or-later
"""Views in a recording: the poses, lenses and images of their cameras."""

import subprocess

import numpy as np
import pytest

from blender_text3d.worker.rerun.live_view import LiveView
from blender_text3d.worker.rerun.viewer import viewer_executable
from tests.worker.rerun.recorded_rows import rows
from tests.worker.rerun.sample_job import STEPS, new_job, run_job
from tests.worker.rerun.sample_views import example_views

RDF = [3, 2, 5]  # Right, Down, Forward in Rerun's enumeration of directions
RGB, UINT8 = 2, 6  # in Rerun's enumerations of color models and data types


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    job = new_job(tmp_path_factory.mktemp("jobs"))
    assert run_job(job, LiveView(), views=example_views()) == []
    return job


@pytest.fixture(scope="module")
def recorded(job):
    return rows(job.rrd)


def value(recorded, view, component):
    ((step, (values,)),) = recorded[f"/job/views/{view:03d}"][component]
    assert step == STEPS + 2
    return values


def test_every_view_has_a_camera_and_there_is_no_other(recorded):
    assert sorted(name for name in recorded if "/views/" in name) == [f"/job/views/{view:03d}" for view in range(3)]


def test_a_recorded_pinhole_projects_a_point_like_its_camera(recorded):
    point = np.array([0.3, -0.2, 0.5])
    for view in range(3):
        model_from_camera = np.array(value(recorded, view, "Transform3D:mat3x3")).reshape(3, 3).T  # columns first
        in_camera = model_from_camera.T @ (point - value(recorded, view, "Transform3D:translation"))
        image_from_camera = np.array(value(recorded, view, "Pinhole:image_from_camera")).reshape(3, 3).T
        column, row, ahead = image_from_camera @ in_camera
        expected = example_views().cameras.pixels(view, point[None])[0]
        np.testing.assert_allclose([column / ahead, row / ahead, ahead], expected, atol=1e-4)
        assert value(recorded, view, "Pinhole:camera_xyz") == RDF
        assert value(recorded, view, "Pinhole:resolution") == [6, 6]


def test_a_recorded_image_is_the_view_on_white(recorded):
    for view, image in enumerate(example_views().images.astype(float)):
        pixels = np.array(value(recorded, view, "Image:buffer"), np.uint8).reshape(6, 6, 3)
        cover = image[..., 3:] / 255
        np.testing.assert_allclose(pixels, image[..., :3] * cover + 255 * (1 - cover), atol=0.51)
        ((_, (kind,)),) = recorded[f"/job/views/{view:03d}"]["Image:format"]
        assert (kind["color_model"], kind["channel_datatype"]) == (RGB, UINT8)


def test_rerun_verifies_the_recording(job):
    done = subprocess.run([viewer_executable(), "rrd", "verify", job.rrd], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
