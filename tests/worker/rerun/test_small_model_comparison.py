# SPDX-License-Identifier: GPL-3.0-or-later
"""Both small models with the same prompt: two objects, and one recording of both."""

import sys
from pathlib import Path

import numpy as np
import pytest

from blender_text3d.client.session import Session
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.comparison import comparison_requests
from tests.client.waiting import finish
from tests.worker.rerun.recorded_rows import rows

pytestmark = pytest.mark.slow

ROOTS = ("mini-point-e", "mini-shap-e")


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    session = Session(tmp_path_factory.mktemp("jobs"), Path(sys.executable))
    requests = comparison_requests("a red chair", model="mini/shap-e", seed=5, steps=12, grid=32, outputs="both")
    jobs = session.submit(requests)
    ends = finish(session)
    session.close()
    session.worker.kill()
    assert [ends[job].kind for job in jobs] == ["finished"] * 2, ends
    return jobs


def test_each_model_makes_a_red_mesh_and_cloud(jobs):
    assert [job.read_request().model for job in jobs] == ["mini/point-e", "mini/shap-e"]
    for job in jobs:
        mesh, cloud = load_geometry(job.mesh), load_geometry(job.cloud)
        for points, colors in ((mesh.vertices, mesh.colors), (cloud.points, cloud.colors)):
            assert len(points) > 500
            assert np.abs(points).max() <= 1.1
            assert colors[:, 0].mean() > colors[:, 1:].mean() + 0.2


def test_one_recording_contains_both_objects_and_their_previews(jobs):
    joined = rows(jobs[-1].path / "comparison.rrd")
    for root in ROOTS:
        assert {f"/{root}/result/mesh", f"/{root}/result/cloud", f"/{root}/prompt"} <= joined.keys()
    (positions,) = [values for name, values in joined["/mini-point-e/forming/cloud"].items() if "position" in name]
    counts = [len(values) for step, values in positions if values]
    assert counts  # which stages have one depends on the time between previews
    assert set(counts) <= {256, 1024}, counts
    assert "/mini-shap-e/forming/mesh" in joined
