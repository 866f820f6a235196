# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders of made objects: moved whole into a jobs folder, each once."""

import json

import pytest
from PIL import Image

from blender_text3d.batch.kept_jobs import deliver_jobs
from blender_text3d.client.results.entry import read_entry
from blender_text3d.protocol.job_folder import JobFolder
from scripts import generate
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def run(tmp_path, capsys):
    """A function that makes two objects and keeps their jobs; returns the exit code and stderr."""

    def main(*options):
        lines = [{"prompt": "a red chair", "seed": 3}, {"prompt": "a blue mug"}]
        (tmp_path / "chunk.jsonl").write_text("\n".join(map(json.dumps, lines)))
        files = ["--jobs", str(tmp_path / "chunk.jsonl"), "--out", str(tmp_path / "out")]
        code = generate.main([*files, "--python", str(scripted_python(tmp_path)), *options])
        return code, capsys.readouterr().err

    return main


def jobs_in(folder):
    return [JobFolder(path) for path in sorted(folder.iterdir())] if folder.is_dir() else []


def test_blenders_results_show_the_jobs_with_their_thumbnails(run, tmp_path):
    code, err = run("--keep-jobs", str(tmp_path / "jobs"))
    assert code == 0, err
    entries = [read_entry(job) for job in jobs_in(tmp_path / "jobs")]
    assert sorted(entry.request.prompt for entry in entries) == ["a blue mug", "a red chair"]
    for entry in entries:
        assert (entry.end, sorted(entry.files)) == ("finished", ["latent", "mesh"])
        assert (entry.folder.path / entry.files["mesh"]).is_file()
        assert Image.open(entry.folder.thumbnail).size == (128, 128)
    assert not jobs_in(tmp_path / "out" / "jobs")
    assert len(list((tmp_path / "out" / "objects").iterdir())) == 2


def test_without_the_flag_no_job_is_kept(run, tmp_path):
    run()
    assert not (tmp_path / "out" / "jobs").exists()


def test_a_second_run_delivers_what_the_first_one_left(run, tmp_path):
    run("--keep-jobs", str(tmp_path / "jobs"))
    (tmp_path / "out" / "jobs").mkdir(exist_ok=True)
    left = jobs_in(tmp_path / "jobs")[0]
    left.path.rename(tmp_path / "out" / "jobs" / left.job_id)
    run("--keep-jobs", str(tmp_path / "jobs"))
    assert len(jobs_in(tmp_path / "jobs")) == 2


@pytest.fixture
def kept(tmp_path):
    """A kept job."""
    path = tmp_path / "out" / "jobs" / "job-1"
    path.mkdir(parents=True)
    (path / "request.json").write_text("{}")
    return path


def test_an_unfinished_copy_of_a_killed_process_is_replaced(kept, tmp_path):
    (tmp_path / "jobs" / ".text3d-job-1").mkdir(parents=True)
    (tmp_path / "jobs" / ".text3d-job-1" / "half").touch()
    assert deliver_jobs(tmp_path / "out", tmp_path / "jobs") == 1
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["job-1"]
    assert [path.name for path in (tmp_path / "jobs" / "job-1").iterdir()] == ["request.json"]
    assert not kept.exists()


def test_a_job_that_is_there_already_stays_as_it_is(kept, tmp_path):
    (tmp_path / "jobs" / "job-1").mkdir(parents=True)
    (tmp_path / "jobs" / "job-1" / "starred").touch()
    deliver_jobs(tmp_path / "out", tmp_path / "jobs")
    assert [path.name for path in (tmp_path / "jobs" / "job-1").iterdir()] == ["starred"]
    assert not kept.exists()
