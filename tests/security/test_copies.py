# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches, copies and comparisons never write or read through a link, and never block on a pipe."""

import json
import os
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
from scripts.cli.save_outputs import save_result
from tests.security.conftest import SPECIAL_FILES

(REQUEST,) = make_requests("a red chair", seed=5)


@pytest.fixture
def job(tmp_path):
    job = create_job(tmp_path / "jobs", REQUEST)
    job.glb.write_bytes(b"an object")
    return job


@pytest.fixture
def protected(tmp_path) -> Path:
    (tmp_path / "protected").write_bytes(b"protected")
    return tmp_path / "protected"


@pytest.fixture
def out(tmp_path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_a_batch_writes_nothing_through_a_link_in_its_folder(job, out, protected):
    order = Order(REQUEST)
    for name in (f"{order.name}.glb.part", f"{order.name}.glb", "manifest.part"):
        (out / name).symlink_to(protected)
    Manifest(out).record(order, job, write_formats(job, out / order.name, ("glb",)))
    assert protected.read_bytes() == b"protected"
    assert (out / f"{order.name}.glb").read_bytes() == b"an object"
    assert not (out / f"{order.name}.glb").is_symlink()
    assert json.loads((out / "manifest.json").read_text())[order.name]["job_id"] == job.job_id
    assert not list(out.glob("*.part"))


def test_a_result_is_not_saved_through_a_link(job, out, protected):
    (out / "a-red-chair-5.glb.part").symlink_to(protected)
    copies = save_result(job, Finished(elapsed_s=1.0, files={"glb": "mesh.glb"}), out)
    assert protected.read_bytes() == b"protected"
    assert copies["glb"].read_bytes() == b"an object"


def test_an_unfinished_copy_of_an_earlier_run_is_replaced(job, out):
    (out / "a.glb.part").write_bytes(b"an incomplete object, longer than the complete one")
    copy_atomically(job.glb, out / "a.glb")
    assert [path.name for path in out.iterdir()] == ["a.glb"]
    assert (out / "a.glb").read_bytes() == b"an object"


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("what", SPECIAL_FILES)
def test_a_special_file_in_the_job_folder_is_not_copied(job, out, make_special_file, what):
    job.glb.unlink()
    make_special_file(job.glb, what)
    with pytest.raises((OSError, InvalidJob)):
        write_formats(job, out / "a", ("glb",))
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
