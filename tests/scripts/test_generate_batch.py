# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches started from a shell, with the real worker and the scripted engine."""

import json

import pytest

from scripts import generate
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def run(tmp_path):
    """A function that runs the script's main and returns its exit code."""
    usual = ["--python", str(scripted_python(tmp_path)), "--jobs-dir", str(tmp_path / "jobs")]
    return lambda *arguments: generate.main([*arguments, *usual])


def has_batch_notice(tmp_path) -> list[bool]:
    """Return for each job True if it reports a repeated run after a failure in a batch of three."""
    journals = sorted((tmp_path / "jobs").glob("2*/events.jsonl"))
    return ["while 3 objects were made at once" in journal.read_text() for journal in journals]


def test_prompts_of_one_file_run_as_one_batch(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("a red chair\na crash\na blue mug\n")
    assert run("--prompts-file", str(tmp_path / "prompts.txt"), "--batch", "3") == 1
    assert has_batch_notice(tmp_path) == [True] * 3
    last = [json.loads(path.read_text().splitlines()[-1]) for path in (tmp_path / "jobs").glob("2*/events.jsonl")]
    assert sorted(event["kind"] for event in last) == ["failed", "finished", "finished"]


@pytest.mark.parametrize("options", [["--batch", "1"], ["--steps", "20"]])
def test_a_cpu_runs_jobs_of_many_steps_one_at_a_time_by_default(run, tmp_path, options):
    assert run("a crash", "--count", "3", *options) == 1
    assert has_batch_notice(tmp_path) == [False] * 3


@pytest.mark.parametrize("number", ["0", "-1", "33", "many"])
def test_an_invalid_batch_size_is_refused(run, tmp_path, number, capsys):
    with pytest.raises(SystemExit) as refused:
        run("a red chair", "--batch", number)
    assert refused.value.code == 2
    assert "is not a number from 1 to 32" in capsys.readouterr().err
    assert not (tmp_path / "jobs").exists()
