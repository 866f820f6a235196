# SPDX-License-Identifier: GPL-3.0-or-later
"""thumbnail.png: written with each object, later for jobs that lack it, and never at the cost of a job."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from blender_text3d.geometry.png import decode_png
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.commands import MissingThumbnails, Offer, commands_from
from blender_text3d.worker.loop import run_offer
from blender_text3d.worker.thumbnails import write
from blender_text3d.worker.thumbnails.write import add_missing_thumbnails
from tests.worker.scripted_python import scripted_python
from tests.worker.test_process import REPOSITORY


def image_of(job):
    return decode_png(job.thumbnail.read_bytes())


@pytest.mark.parametrize("outputs", ["mesh", "cloud", "both"])
def test_a_finished_job_has_a_thumbnail_of_its_object(done, outputs):
    alpha = image_of(done("a red chair", outputs=outputs))[..., 3]
    assert (alpha == 255).any()
    assert (alpha == 0).any()


def test_the_same_request_gives_the_same_bytes(done):
    assert done("a red chair").thumbnail.read_bytes() == done("a red chair").thumbnail.read_bytes()


def test_only_the_thumbnail_is_left_in_the_folder(done):
    assert [path.name for path in done("a red chair").path.iterdir() if "thumbnail" in path.name] == ["thumbnail.png"]


def test_the_object_is_reported_before_the_thumbnail_is_rendered(new_job, worker_state, monkeypatch):
    job, kinds = new_job("a red chair"), []
    monkeypatch.setattr(write, "thumbnail", lambda geometry: kinds.append(job.last_event().kind))
    run_offer(Offer((job,)), worker_state)
    assert kinds == ["finished"]


def test_a_failure_to_render_is_logged_and_the_job_has_finished(done, monkeypatch, capfd):
    def fail(geometry):
        raise RuntimeError("no picture")

    monkeypatch.setattr(write, "thumbnail", fail)
    job = done("a red chair")
    assert isinstance(job.last_event(), Finished)
    assert not job.thumbnail.exists()
    assert "no picture" in capfd.readouterr().err


def test_a_failed_job_has_no_thumbnail(done):
    assert not done("empty").thumbnail.exists()


def test_an_older_job_gets_a_thumbnail_of_its_mesh_or_else_its_cloud(done):
    for outputs in ("mesh", "cloud", "both"):
        job = done("a red chair", outputs=outputs)
        before = job.thumbnail.read_bytes()
        job.thumbnail.unlink()
        add_missing_thumbnails([job])
        assert job.thumbnail.read_bytes() == before


def test_a_thumbnail_that_exists_is_kept(done):
    job = done("a red chair")
    job.thumbnail.write_bytes(b"mine")
    add_missing_thumbnails([job])
    assert job.thumbnail.read_bytes() == b"mine"


def test_a_folder_without_a_usable_object_is_reported_and_the_next_one_gets_its_thumbnail(done, capsys, monkeypatch):
    jobs = [done(name, outputs="mesh") for name in ("gone", "garbage", "pipe", "link", "large", "lost", "good")]
    gone, garbage, pipe, link, large, lost, good = jobs
    for job in jobs:
        job.thumbnail.unlink()
    shutil.rmtree(gone.path)
    garbage.mesh.write_bytes(b"garbage")
    pipe.mesh.unlink()
    os.mkfifo(pipe.mesh)
    outside = link.path.parent / "outside.npz"
    link.mesh.rename(outside)
    link.mesh.symlink_to(outside)
    large.mesh.write_bytes(bytes(2000) + good.mesh.read_bytes())
    monkeypatch.setattr(write, "MAX_GEOMETRY_BYTES", good.mesh.stat().st_size)
    lost.mesh.unlink()
    add_missing_thumbnails(jobs)
    assert [job.thumbnail.exists() for job in jobs] == [False] * 6 + [True]
    errors = capsys.readouterr().err
    assert all(f"Job {job.job_id} gets no thumbnail" in errors for job in jobs[:-1])


def test_nothing_is_written_through_links_in_an_untrusted_folder(done, tmp_path):
    job, elsewhere = done("a red chair"), tmp_path / "elsewhere"
    job.thumbnail.unlink()
    elsewhere.mkdir()
    job.path.rename(elsewhere / "real")
    job.path.symlink_to(elsewhere / "real")
    add_missing_thumbnails([job])
    assert not (elsewhere / "real/thumbnail.png").exists()
    job.path.unlink()
    (elsewhere / "real").rename(job.path)
    (job.path / "thumbnail.png.part").symlink_to(elsewhere / "victim")
    job.thumbnail.symlink_to(elsewhere / "victim")
    add_missing_thumbnails([job])
    assert not (elsewhere / "victim").exists()


def test_a_thumbnail_that_cannot_be_replaced_leaves_no_other_file(done):
    job = done("a red chair")
    job.thumbnail.unlink()
    job.thumbnail.mkdir()
    before = set(job.path.iterdir())
    with pytest.raises(OSError, match=r"thumbnail\.png"):
        write.write_thumbnail(job.thumbnail, write.stored_geometry(job))
    assert set(job.path.iterdir()) == before


def test_a_line_on_stdin_names_the_folders():
    (command,) = commands_from(['{"thumbnails": ["a", "b"]}'])
    assert isinstance(command, MissingThumbnails)
    assert [str(job.path) for job in command.jobs] == ["a", "b"]


@pytest.mark.parametrize("line", ['{"thumbnails": []}', '{"thumbnails": [5]}', '{"thumbnails": 5}', "[]"])
def test_a_line_that_names_no_folder_is_skipped(line, capsys):
    assert list(commands_from([line])) == []
    assert "names no job folder" in capsys.readouterr().err


def test_a_worker_renders_thumbnails_and_then_runs_the_next_job(done, new_job, tmp_path):
    old, next_job = done("a red chair"), new_job("a blue car")
    old.thumbnail.unlink()
    lines = [{"thumbnails": ["/nowhere", str(old.path)]}, {"do": str(next_job.path)}]
    process = subprocess.run(
        [scripted_python(tmp_path), "-u", "-m", "blender_text3d.worker"],
        input="".join(json.dumps(line) + "\n" for line in lines), cwd=REPOSITORY, capture_output=True, text=True,
    )  # fmt: skip
    assert (process.returncode, old.thumbnail.exists(), next_job.last_event().kind) == (0, True, "finished")


def test_rendering_thumbnails_imports_no_torch():
    modules = "blender_text3d.worker.__main__, blender_text3d.worker.thumbnails.write"
    script = f"import sys, {modules}; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
