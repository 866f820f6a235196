# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/jobs.py: what a terminal can do to old jobs."""

import json

import pytest

from blender_text3d.client.results.marks import STARRED, set_mark
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Cancelled
from blender_text3d.protocol.request import make_requests
from scripts import jobs
from tests.exports.sample_jobs import finished_job


@pytest.fixture
def made(tmp_path):
    """Two finished jobs, and one that is queued."""
    folder = tmp_path / "jobs"
    old, new = finished_job(folder, "an old chair"), finished_job(folder, "a new mug")
    content = json.loads(old.request.read_text())
    old.request.write_text(json.dumps(content | {"created": 1_700_000_000.0}))
    for job in (old, new):
        (job.path / "mesh.glb").write_bytes(bytes(10_000))
        job.rrd.write_bytes(bytes(10_000))
    return old, new, create_job(folder, make_requests("a queued car")[0])


@pytest.fixture
def run(tmp_path, capsys):
    """A function that runs the script's main and returns (exit code, stdout, stderr)."""

    def main(*arguments: str) -> tuple[int, str, str]:
        code = jobs.main([*arguments, "--jobs-dir", str(tmp_path / "jobs")])
        return code, *capsys.readouterr()

    return main


def test_every_job_is_listed_with_size_state_and_prompt(run, made):
    code, out, _ = run("list")
    lines = out.splitlines()
    assert (code, len(lines), "3 jobs" in lines[-1]) == (0, 4, True)
    assert sorted(line.split()[3] for line in lines[:-1]) == ["finished", "finished", "queued"]
    assert any("an old chair" in line for line in lines)


def test_all_finished_jobs_are_compacted_and_keep_their_recordings(run, made):
    made[2].append(Cancelled(stage="queued", index=0))
    code, out, _ = run("compact")
    assert (code, "2 jobs compacted" in out) == (0, True)
    assert [(job.path / "mesh.glb").exists() for job in made[:2]] == [False, False]
    assert all(job.rrd.exists() for job in made[:2])


def test_recordings_of_old_jobs_can_be_dropped(run, made):
    old, new, _ = made
    assert run("compact", "--drop-recordings", "--older-than", "365")[0] == 0
    assert (old.rrd.exists(), new.rrd.exists()) == (False, True)


def test_a_named_job_is_deleted(run, made):
    old, new, queued = made
    assert run("delete", old.job_id)[1].startswith("1 job deleted")
    assert [job.path.exists() for job in made] == [False, True, True]
    assert run("delete", str(new.path))[0] == 0
    assert not new.path.exists()


def test_all_jobs_are_deleted_only_with_consent_and_never_a_queued_one(run, made):
    code, _, err = run("delete")
    assert (code, "would delete 2 jobs" in err) == (2, True)
    assert all(job.path.exists() for job in made)
    assert run("delete", "--yes")[0] == 0
    assert [job.path.exists() for job in made] == [False, False, True]


def test_starred_and_new_jobs_can_be_kept(run, made):
    old, new, _ = made
    set_mark(old, STARRED, on=True)
    run("delete", "--yes", "--older-than", "30", "--keep-starred")
    run("delete", old.job_id, "--keep-starred")
    run("delete", new.job_id, "--older-than", "30")
    assert (old.path.exists(), new.path.exists()) == (True, True)
    run("delete", "--yes", "--older-than", "30")
    assert (old.path.exists(), new.path.exists()) == (False, True)


@pytest.mark.parametrize("name", ["gone", "../jobs", "/etc", "..", "a/b", ""])
def test_what_is_no_job_is_refused(run, made, name):
    for action in ("delete", "compact"):
        code, _, err = run(action, name)
        assert (code, "There is no job" in err) == (2, True)
    assert all(job.path.exists() for job in made)


def test_a_queued_job_is_refused_by_name(run, made):
    code, out, err = run("delete", made[2].job_id)
    assert (code, "still queued" in err, "0 jobs deleted" in out) == (1, True, True)


def test_a_missing_jobs_folder_is_told(run):
    assert run("list")[0] == 2
