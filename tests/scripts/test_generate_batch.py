# SPDX-License-Identifier: GPL-3.0-or-later
"""Several objects made at once from a shell, with the real worker and the scripted engine behind it."""

import json

import pytest

from scripts import generate
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def run(tmp_path):
    """Runs the script's main; gives its exit code."""
    usual = ["--python", str(scripted_python(tmp_path)), "--jobs-dir", str(tmp_path / "jobs")]
    return lambda *arguments: generate.main([*arguments, *usual])


def told_at_once(tmp_path) -> list[bool]:
    """Of every job, whether it was told to be made again because of a fault in a batch of three."""
    journals = sorted((tmp_path / "jobs").glob("2*/events.jsonl"))
    return ["while 3 objects were made at once" in journal.read_text() for journal in journals]


def test_results_of_one_prompt_and_prompts_of_one_file_are_made_at_once(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("a red chair\na crash\na blue mug\n")
    assert run("--prompts-file", str(tmp_path / "prompts.txt"), "--batch", "3") == 1
    assert told_at_once(tmp_path) == [True] * 3
    last = [json.loads(path.read_text().splitlines()[-1]) for path in (tmp_path / "jobs").glob("2*/events.jsonl")]
    assert sorted(event["kind"] for event in last) == ["failed", "finished", "finished"]


@pytest.mark.parametrize("options", [["--batch", "1"], []])
def test_a_cpu_makes_results_one_after_the_other_unless_told(run, tmp_path, options):
    assert run("a crash", "--count", "3", *options) == 1
    assert told_at_once(tmp_path) == [False] * 3


@pytest.mark.parametrize("number", ["0", "-1", "33", "many"])
def test_a_batch_of_no_sensible_size_is_refused(run, tmp_path, number, capsys):
    with pytest.raises(SystemExit) as refused:
        run("a red chair", "--batch", number)
    assert refused.value.code == 2
    assert "is not a number from 1 to 32" in capsys.readouterr().err
    assert not (tmp_path / "jobs").exists()
