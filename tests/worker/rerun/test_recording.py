# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess

import numpy as np
import pytest
from rerun.chunk import RrdReader

from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.events import Cancelled, Failed, Progress
from blender_text3d.worker.rerun.archetypes import color_bytes, vertex_normals
from blender_text3d.worker.rerun.live_view import LiveView
from blender_text3d.worker.rerun.recording import Recording
from blender_text3d.worker.rerun.sink import RerunSink
from blender_text3d.worker.rerun.text import recipe_markdown
from blender_text3d.worker.rerun.viewer import viewer_executable
from tests.worker.rerun.recorded_rows import rows
from tests.worker.rerun.sample_job import STARTED, STEPS, ball, new_job, run_job


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    job = new_job(tmp_path_factory.mktemp("jobs"))
    run_job(job, LiveView())
    return job


@pytest.fixture(scope="module")
def recorded(job):
    return rows(job.rrd)


def values_of(recorded, entity, ending):
    """Return the rows of the one component of an entity whose name has this ending."""
    (name,) = [name for name in recorded[entity] if name.endswith(ending)]
    return recorded[entity][name]


def test_rerun_verifies_the_recording(job):
    done = subprocess.run([viewer_executable(), "rrd", "verify", job.rrd], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_step_of_the_engine_is_a_step_on_the_timeline(recorded):
    steps = [step for step, _ in values_of(recorded, "/job/curves/step_time_s", "Scalars:scalars")]
    assert steps == list(range(1, STEPS + 2))


def test_each_step_takes_the_time_since_the_one_before(recorded):
    seconds = [value for _, (value,) in values_of(recorded, "/job/curves/step_time_s", "Scalars:scalars")]
    assert seconds == pytest.approx([0.5] * STEPS + [1.0])


def test_sigma_decreases_along_the_steps_that_have_one(recorded):
    sigmas = [value for _, (value,) in values_of(recorded, "/job/curves/sigma", "Scalars:scalars")]
    assert sigmas == [float(STEPS - index) for index in range(1, STEPS + 1)]


def test_the_intermediate_cloud_is_recorded_at_every_step_that_has_one(recorded):
    clouds = values_of(recorded, "/job/forming/cloud", "Points3D:positions")
    assert [(step, len(points)) for step, points in clouds if points] == [(step, 500) for step in range(1, STEPS + 1)]


def test_the_final_mesh_is_the_mesh_of_mesh_npz(job, recorded):
    saved = load_geometry(job.mesh)
    ((step, vertices),) = values_of(recorded, "/job/result/mesh", "Mesh3D:vertex_positions")
    ((_, triangles),) = values_of(recorded, "/job/result/mesh", "Mesh3D:triangle_indices")
    ((_, normals),) = values_of(recorded, "/job/result/mesh", "Mesh3D:vertex_normals")
    ((_, colors),) = values_of(recorded, "/job/result/mesh", "Mesh3D:vertex_colors")
    assert step == STEPS + 2
    np.testing.assert_array_equal(np.array(vertices, np.float32), saved.vertices)
    np.testing.assert_array_equal(np.array(triangles, np.int32), saved.faces)
    assert len(normals) == len(colors) == len(saved.vertices)


def test_the_prompt_and_the_recipe_are_static(recorded):
    ((step, (text,)),) = values_of(recorded, "/job/prompt", "TextDocument:text")
    assert step is None
    assert text.startswith("# a red ball\n")
    assert "| Seed | 7 |" in text


def test_the_log_lists_notices_stages_and_the_end_in_order(recorded):
    lines = [line for _, (line,) in values_of(recorded, "/job/log", "TextLog:text")]
    assert lines[0] == "Started on Some CPU"
    assert lines[1] == "I do not know the word: flibber"
    assert lines[2:4] == [f"sample: {STEPS} steps", "mesh"]
    assert lines[4].startswith("Finished in 4.5 s: 288 vertices")


def test_the_recording_has_one_layout_and_the_id_of_its_job(job):
    reader = RrdReader(job.rrd)
    assert [store.recording_id for store in reader.recordings()] == [job.job_id]
    assert len(reader.blueprints()) == 1


@pytest.mark.parametrize(
    ("end", "line"),
    [
        (Cancelled(stage="sample", index=2), "Cancelled in stage sample, step 2"),
        (Failed(message="No memory.", reason="out_of_memory", fix="Use draft."), "No memory. Use draft."),
    ],
)
def test_a_job_that_did_not_finish_has_a_complete_recording(tmp_path, end, line):
    job = new_job(tmp_path)
    sink = RerunSink(job, LiveView(), lambda message: None)
    sink.start(job.read_request(), STARTED)
    sink.step(Progress(stage="sample", index=1, total=6))
    sink.finish(end, None)
    lines = [line for _, (line,) in values_of(rows(job.rrd), "/job/log", "TextLog:text")]
    assert lines[-1] == line
    assert subprocess.run([viewer_executable(), "rrd", "verify", job.rrd], capture_output=True).returncode == 0


def test_recordings_of_one_worker_are_separate(tmp_path):
    live = LiveView()
    jobs = [new_job(tmp_path, prompt) for prompt in ("a red ball", "a blue cup")]
    for job in jobs:
        run_job(job, live)
    titles = [values_of(rows(job.rrd), "/job/prompt", "TextDocument:text")[0][1][0].splitlines()[0] for job in jobs]
    assert titles == ["# a red ball", "# a blue cup"]


def test_a_recording_that_cannot_be_written_is_reported_once(tmp_path):
    job = new_job(tmp_path)
    job.rrd.mkdir()
    notices = run_job(job, LiveView())
    assert len(notices) == 1
    assert "The object itself is not affected." in notices[0]


def test_markdown_characters_in_a_prompt_are_escaped(tmp_path):
    request = new_job(tmp_path, "*two* | #3 <b>").read_request()
    assert recipe_markdown(request, STARTED).splitlines()[0] == r"# \*two\* \| \#3 \<b\>"


def test_normals_point_out_of_a_ball():
    mesh = ball(rings=24)
    has_area = np.abs(mesh.vertices[:, 2]) < 0.79
    outward = mesh.vertices / np.linalg.norm(mesh.vertices, axis=1, keepdims=True)
    cosines = (vertex_normals(mesh) * outward).sum(axis=1)
    assert cosines[has_area].min() > 0.95


def test_colors_are_rounded_to_bytes():
    assert color_bytes(np.array([[0.0, 0.5, 1.0], [-1.0, 2.0, 0.2]])).tolist() == [[0, 128, 255], [0, 255, 51]]


@pytest.mark.parametrize(("viewer", "is_at_once"), [("", False), ("spawn", True)])
def test_the_layout_is_recorded_at_once_for_a_viewer_and_else_at_the_end(tmp_path, monkeypatch, viewer, is_at_once):
    job, shown = new_job(tmp_path, viewer=viewer), []
    recording = Recording(job.rrd, job.job_id, job.read_request())
    monkeypatch.setattr(recording._stream, "send_blueprint", lambda layout: shown.append("layout"))
    recording.log_start(STARTED)
    assert bool(shown) == is_at_once
    recording.log_end(Cancelled(stage="sample", index=1), None)
    recording.close()
    assert shown == ["layout"]
