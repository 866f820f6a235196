# SPDX-License-Identifier: GPL-3.0-or-later
"""Compaction: the same geometry to the last bit in fewer bytes, and nothing outside of the folder is touched."""

import numpy as np
import pytest

from blender_text3d.client.results.compact import compact, compact_steps
from blender_text3d.client.results.delete import size_bytes
from blender_text3d.geometry import Mesh, load_geometry, save_geometry
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Cancelled, Finished, Progress
from blender_text3d.protocol.exported_files import EXPORTED_FILES
from tests.client.results.jobs import write_job

SIDE = 90
GRID = np.stack(np.meshgrid(*[np.linspace(-1, 1, SIDE)] * 2, [0.25], indexing="ij"), axis=-1).reshape(-1, 3)
CORNERS = np.arange(SIDE * SIDE - SIDE - 1)
MESH = Mesh(
    GRID.astype(np.float32),
    np.stack([CORNERS, CORNERS + SIDE, CORNERS + 1], axis=1).astype(np.int32),
    np.random.default_rng(5).random((SIDE * SIDE, 3), np.float32),
)


@pytest.fixture
def job(tmp_path):
    """A job as version 0.1.0 left it."""
    job = write_job(tmp_path / "jobs", "a", "a red chair", Finished(elapsed_s=1.0, files={"mesh": "mesh.npz"}))
    save_geometry(job.mesh, MESH)
    save_geometry(job.preview, MESH)
    for name in EXPORTED_FILES:
        (job.path / name).write_bytes(bytes(100_000))
    job.rrd.write_bytes(bytes(5000))
    return job


def test_a_finished_job_takes_fewer_bytes_and_has_the_same_geometry(job):
    before = size_bytes(job)
    freed = compact(job)
    assert size_bytes(job) == before - freed < 0.4 * before
    for name, values in vars(MESH).items():
        np.testing.assert_array_equal(getattr(load_geometry(job.mesh), name), values)
    assert not job.preview.exists()
    assert not any((job.path / name).exists() for name in EXPORTED_FILES)
    assert job.rrd.exists()
    assert isinstance(job.last_event(), Finished)


def test_a_second_compaction_frees_nothing(job):
    compact(job)
    assert compact(job) == 0


def test_the_recording_is_deleted_only_if_asked(job):
    compact(job, with_recording=False)
    assert not job.rrd.exists()


def test_a_step_is_small(job):
    assert len(list(compact_steps(job))) > 6


@pytest.mark.parametrize("last", [Cancelled(stage="sample", index=1)])
def test_a_job_that_did_not_finish_is_left_as_it_is(tmp_path, last):
    job = write_job(tmp_path, "a", "a red chair", last)
    save_geometry(job.preview, MESH)
    assert compact(job) == 0
    assert job.preview.exists()


def test_a_job_that_has_not_ended_is_refused(tmp_path):
    job = write_job(tmp_path, "a", "a red chair", Progress(stage="load", index=0, total=2))
    save_geometry(job.preview, MESH)
    with pytest.raises(InvalidJob, match="still queued"):
        compact(job)
    assert job.preview.exists()


def test_without_geometry_nothing_is_deleted(job):
    job.mesh.unlink()
    compact(job)
    assert job.preview.exists()
    assert (job.path / "mesh.glb").exists()


@pytest.mark.parametrize("name", ["mesh.npz", "preview.npz", "mesh.glb", "mesh.npz.part"])
def test_a_link_is_never_followed(job, tmp_path, name):
    target = tmp_path / "target.npz"
    save_geometry(target, MESH)
    before = target.read_bytes()
    (job.path / name).unlink(missing_ok=True)
    (job.path / name).symlink_to(target)
    compact(job)
    assert target.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"PK", bytes(50_000)])
def test_damaged_geometry_is_left_as_it_is(job, content):
    job.mesh.write_bytes(content)
    compact(job)
    assert job.mesh.read_bytes() == content
