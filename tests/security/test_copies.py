# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch, a copy or a comparison writes: never through a link, never from one, and no pipe is waited for."""

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
from scripts.cli.batch_outputs import copy_whole, write_formats
from scripts.cli.save_outputs import save_result
from tests.security.conftest import NO_PLAIN_FILES

(REQUEST,) = make_requests("a red chair", seed=5)


@pytest.fixture
def job(tmp_path):
    made = create_job(tmp_path / "jobs", REQUEST)
    made.glb.write_bytes(b"an object")
    return made


@pytest.fixture
def precious(tmp_path) -> Path:
    (tmp_path / "precious").write_bytes(b"precious")
    return tmp_path / "precious"


@pytest.fixture
def out(tmp_path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_a_batch_writes_nothing_through_a_link_that_lies_in_its_folder(job, out, precious):
    order = Order(REQUEST)
    for name in (f"{order.name}.glb.part", f"{order.name}.glb", "manifest.part"):
        (out / name).symlink_to(precious)
    Manifest(out).note(order, job, write_formats(job, out / order.name, ("glb",)))
    assert precious.read_bytes() == b"precious"
    assert (out / f"{order.name}.glb").read_bytes() == b"an object" and not (out / f"{order.name}.glb").is_symlink()
    assert json.loads((out / "manifest.json").read_text())[order.name]["job_id"] == job.job_id
    assert not list(out.glob("*.part"))


def test_a_result_is_saved_through_no_link(job, out, precious):
    (out / "a-red-chair-5.glb.part").symlink_to(precious)
    copies = save_result(job, Finished(elapsed_s=1.0, files={"glb": "mesh.glb"}), out)
    assert precious.read_bytes() == b"precious" and copies["glb"].read_bytes() == b"an object"


def test_an_unfinished_copy_of_an_earlier_run_is_replaced(job, out):
    (out / "a.glb.part").write_bytes(b"half an object, and longer than a whole one")
    copy_whole(job.glb, out / "a.glb")
    assert [path.name for path in out.iterdir()] == ["a.glb"] and (out / "a.glb").read_bytes() == b"an object"


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("what", NO_PLAIN_FILES)
def test_what_is_no_plain_file_of_the_job_is_not_copied(job, out, put_no_file, what):
    job.glb.unlink()
    put_no_file(job.glb, what)
    with pytest.raises((OSError, InvalidJob)):
        write_formats(job, out / "a", ("glb",))
    assert list(out.iterdir()) == []


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("what", NO_PLAIN_FILES)
def test_a_recording_beside_that_is_no_plain_file_is_no_recording(tmp_path, put_no_file, what):
    assert not is_recording(put_no_file(tmp_path / "job.rrd", what))
    one, other = (create_job(tmp_path, request) for request in comparison_requests("a chair", model="mini/shap-e"))
    one.rrd.write_bytes(b"RRF2")
    put_no_file(other.rrd, what)
    assert merge_recordings(one) is None and not os.path.lexists(one.path / "comparison.rrd")


def test_a_recording_larger_than_memory_is_left_out(tmp_path, monkeypatch):
    (tmp_path / "job.rrd").write_bytes(b"RRF2")
    assert is_recording(tmp_path / "job.rrd")
    monkeypatch.setattr(comparison, "MAX_BYTES", 3)
    assert not is_recording(tmp_path / "job.rrd")
