# SPDX-License-Identifier: GPL-3.0-or-later
"""The compared jobs of one prompt, side by side in one recording; and the input image of a model."""

import numpy as np
import pytest
from rerun.chunk import RrdReader

from blender_text3d.protocol.comparison import comparison_requests
from blender_text3d.protocol.create_job import create_job
from blender_text3d.worker.rerun.blueprint import roots_of
from blender_text3d.worker.rerun.comparison import merge_recordings
from blender_text3d.worker.rerun.live_view import LiveView
from tests.worker.rerun.recorded_rows import rows
from tests.worker.rerun.sample_job import new_job, run_job


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """Return two compared jobs, and another that ran between them."""
    folder = tmp_path_factory.mktemp("jobs")
    one, other = comparison_requests("a red ball", model="shap-e/text300M", outputs="both")
    first, between, last = create_job(folder, one), new_job(folder, "a blue ball"), create_job(folder, other)
    for job in (first, between, last):
        assert run_job(job, LiveView()) == []
    return first, between, last


def test_compared_jobs_share_the_recording_id_and_each_has_its_own_root(jobs):
    first, _, last = jobs
    names = {RrdReader(job.rrd).recordings()[0].recording_id for job in (first, last)}
    assert names == {first.read_request().comparison}
    roots = roots_of(first.read_request())
    assert roots == ["point-e-base40M-textvec", "shap-e-text300M"] == roots_of(last.read_request())
    assert f"/{roots[0]}/result/mesh" in rows(first.rrd)
    assert f"/{roots[1]}/result/mesh" in rows(last.rrd)


def test_the_last_job_merges_both_recordings_and_no_others(jobs):
    first, between, last = jobs
    merged = rows(last.path / "comparison.rrd")
    assert not (first.path / "comparison.rrd").exists()
    assert not (between.path / "comparison.rrd").exists()
    for root in roots_of(first.read_request()):
        assert f"/{root}/result/mesh" in merged
        assert f"/{root}/forming/cloud" in merged
    assert "/job/result/mesh" not in merged


def test_a_job_without_a_comparison_merges_nothing(jobs):
    assert merge_recordings(jobs[1]) is None


def test_the_image_that_a_model_sees_is_recorded(tmp_path):
    image = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    job = new_job(tmp_path)
    run_job(job, LiveView(), input_image=image)
    (buffer,) = [values for name, values in rows(job.rrd)["/job/input_image"].items() if name.endswith("Image:buffer")]
    assert bytes(np.asarray(buffer[0][1][0], np.uint8)) == image.tobytes()
