# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches, copies and comparisons never write or read through a link, and never block on a pipe."""

import json
import os
import sys
from pathlib import Path

import pytest

from blender_text3d.protocol.comparison import comparison_requests
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.rerun import comparison
from blender_text3d.worker.rerun.comparison import is_recording, merge_recordings
from scripts.cli.batch_manifest import Manifest, Order
from scripts.cli.batch_outputs import copy_atomically, write_formats
from scripts.cli.exporter import Exporter, ExportError
from scripts.cli.save_outputs import SaveError, save_result
from tests.exports.sample_jobs import finished_job
from tests.security.conftest import SPECIAL_FILES

(REQUEST,) = make_requests("a red chair", seed=5)


@pytest.fixture
def job(tmp_path):
    job = finished_job(tmp_path / "jobs", seed=5)
    (job.path / "mesh.glb").write_bytes(b"an object")
    return job


@pytest.fixture
def exporter():
    return Exporter(Path(sys.executable))


@pytest.fixture
def protected(tmp_path) -> Path:
    (tmp_path / "protected").write_bytes(b"protected")
    return tmp_path / "protected"


@pytest.fixture
def out(tmp_path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_a_batch_writes_nothing_through_a_link_in_its_folder(job, out, protected, exporter):
    order = Order(REQUEST)
    for name in (f"{order.name}.glb.part", f"{order.name}.glb", "manifest.json.part"):
        (out / name).symlink_to(protected)
    Manifest(out).record(order, job, write_formats(job, out / order.name, ("glb",), exporter))
    assert protected.read_bytes() == b"protected"
    assert (out / f"{order.name}.glb").read_bytes()[:4] == b"glTF"
    assert not (out / f"{order.name}.glb").is_symlink()
    assert json.loads((out / "manifest.json").read_text())[order.name]["job_id"] == job.job_id
    assert not list(out.glob("*.part"))


@pytest.mark.parametrize("name", ["glb.part", "npz.part", "ply", "json.part"])
def test_a_result_is_not_saved_through_a_link(job, out, protected, exporter, name):
    (out / f"a-red-chair-5.{name}").symlink_to(protected)
    copies = save_result(job, job.last_event(), out, exporter)
    assert protected.read_bytes() == b"protected"
    assert copies["glb"].read_bytes()[:4] == b"glTF"
    assert not any(path.is_symlink() for path in out.iterdir())


@pytest.mark.parametrize("name", ["mesh.glb", "mesh.glb.part"])
def test_a_result_is_not_exported_through_a_link_in_its_job_folder(job, protected, exporter, name):
    (job.path / name).unlink(missing_ok=True)
    (job.path / name).symlink_to(protected)
    files = save_result(job, job.last_event(), None, exporter)
    assert protected.read_bytes() == b"protected"
    assert files["glb"].read_bytes()[:4] == b"glTF"


@pytest.mark.parametrize("name", ["../mesh.npz", "/etc/passwd", "mesh.npz\0", "a/b", ""])
def test_a_job_that_lists_a_file_elsewhere_is_not_exported(tmp_path, out, exporter, name):
    job = create_job(tmp_path / "jobs", REQUEST)
    job.append(Finished(elapsed_s=1.0, files={"mesh": name}))
    with pytest.raises((InvalidJob, SaveError, ExportError)):
        save_result(job, job.last_event(), out, exporter)
    with pytest.raises((InvalidJob, ExportError)):
        write_formats(job, out / "a", ("glb",), exporter)
    assert list(out.iterdir()) == []


def test_an_unfinished_copy_of_an_earlier_run_is_replaced(job, out):
    (out / "a.glb.part").write_bytes(b"an incomplete object, longer than the complete one")
    copy_atomically(job.path / "mesh.glb", out / "a.glb")
    assert [path.name for path in out.iterdir()] == ["a.glb"]
    assert (out / "a.glb").read_bytes() == b"an object"


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("what", SPECIAL_FILES)
def test_a_special_file_in_the_job_folder_is_not_copied(job, out, make_special_file, exporter, what):
    job.mesh.unlink()
    make_special_file(job.mesh, what)
    with pytest.raises(ExportError):
        write_formats(job, out / "a", ("glb",), exporter)
    assert list(out.iterdir()) == []


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("what", SPECIAL_FILES)
def test_a_special_file_is_not_a_recording(tmp_path, make_special_file, what):
    assert not is_recording(make_special_file(tmp_path / "job.rrd", what))
    first, second = (create_job(tmp_path, request) for request in comparison_requests("a chair", model="mini/shap-e"))
    first.rrd.write_bytes(b"RRF2")
    make_special_file(second.rrd, what)
    assert merge_recordings(first) is None
    assert not os.path.lexists(first.path / "comparison.rrd")


def test_a_recording_above_the_size_limit_is_skipped(tmp_path, monkeypatch):
    (tmp_path / "job.rrd").write_bytes(b"RRF2")
    assert is_recording(tmp_path / "job.rrd")
    monkeypatch.setattr(comparison, "MAX_BYTES", 3)
    assert not is_recording(tmp_path / "job.rrd")
