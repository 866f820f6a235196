# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a finished job in a folder of the user."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blender_text3d.exports.formats import ExportTarget
from blender_text3d.geometry import load_views
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.reporting.export import other_writers
from scripts.cli.exporter import Exporter, ExportError
from scripts.cli.save_outputs import SaveError, save_result
from tests.exports.sample_jobs import finished_job, sphere_cloud
from tests.worker.rerun.sample_views import example_views


class Result:
    """A result with a latent, steps and views, which the worker writes besides the geometry."""

    latent, weights_sha256, latent_sha256 = np.arange(4, dtype=np.float32), "ab", ""
    step_latents, step_geometry = np.zeros((3, 4), np.float16), ()

    def __init__(self, views):
        self.views = views


@pytest.fixture
def job(tmp_path):
    """A finished job with everything that a job can make."""
    job = finished_job(tmp_path / "jobs", seed=7, cloud=sphere_cloud())
    writers = other_writers(job, Result(example_views()))
    for path, write in writers.values():
        write(path)
    job.rrd.write_bytes(b"recording")
    files = {"mesh": "mesh.npz", "cloud": "cloud.npz", "rrd": "job.rrd"}
    return job, Finished(elapsed_s=1.0, files=files | {name: path.name for name, (path, _) in writers.items()})


@pytest.fixture
def exporter():
    exporter = Exporter(Path(sys.executable))
    yield exporter
    exporter.close()


def test_everything_that_a_job_made_is_saved_and_named(job, tmp_path, exporter):
    out = tmp_path / "out"
    files = save_result(*job, out, exporter)
    assert {path.name.removeprefix("a-red-chair-7") for path in out.iterdir()} == {
        ".npz", ".cloud.npz", ".glb", ".cloud.glb", ".ply", ".cloud.ply", ".latent.npz", ".rrd", ".views.npz", ".views",
        ".steps.npz", ".json",
    }  # fmt: skip
    assert set(files.values()) == set(out.iterdir())
    assert len(load_views(files["views"]).images) == len(list(files["view_images"].glob("*.png")))
    assert (files["view_images"] / "cameras.json").is_file()


def test_views_of_an_earlier_run_are_replaced(job, tmp_path, exporter):
    views = tmp_path / "out/a-red-chair-7.views"
    views.mkdir(parents=True)
    (views / "099.png").write_bytes(b"old")
    save_result(*job, tmp_path / "out", exporter)
    assert not (views / "099.png").exists()
    assert (views / "000.png").is_file()


def test_a_link_among_the_views_is_not_copied(job, tmp_path, exporter):
    folder, last = job
    (folder.view_images / "099.png").symlink_to("/etc/passwd")
    with pytest.raises(SaveError, match="The job is in"):
        save_result(folder, last, tmp_path / "out", exporter)
    assert not (tmp_path / "out/a-red-chair-7.views/099.png").exists()


def test_another_python_exports_the_same_bytes(job, tmp_path, exporter, monkeypatch):
    folder, _ = job
    exporter.write(folder, [ExportTarget("mesh", "glb", tmp_path / "here.glb")])
    monkeypatch.setattr("scripts.cli.exporter.find_spec", lambda name: None)
    for name in "ab":
        exporter.write(folder, [ExportTarget("mesh", "glb", tmp_path / f"{name}.glb")])
        assert (tmp_path / f"{name}.glb").read_bytes() == (tmp_path / "here.glb").read_bytes()
    with pytest.raises(ExportError, match="No such file"):
        exporter.write(folder, [ExportTarget("mesh", "glb", tmp_path / "gone/a.glb")])


@pytest.mark.parametrize("python", ["/gone/python", "/bin/true"])
def test_a_python_that_cannot_export_is_named(job, tmp_path, monkeypatch, python):
    monkeypatch.setattr("scripts.cli.exporter.find_spec", lambda name: None)
    exporter = Exporter(Path(python))
    with pytest.raises(ExportError, match=python):
        exporter.write(job[0], [ExportTarget("mesh", "glb", tmp_path / "a.glb")])
    exporter.close()


def test_the_views_of_three_steps_are_saved_as_pictures(job, tmp_path, exporter):
    folder, last = job
    for name in ("view.png", "view_0.png", "view_1.png"):
        (folder.path / name).write_bytes(name.encode())
    views = {"view": "view.png", "view_0": "view_0.png", "view_1": "view_1.png"}
    files = save_result(folder, replace(last, files=last.files | views), tmp_path / "out", exporter)
    for kind, name in views.items():
        assert files[kind].name == f"a-red-chair-7.{name}"
        assert files[kind].read_bytes() == name.encode()
