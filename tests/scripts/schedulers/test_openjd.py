# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenJD bundle, checked and run by the openjd command, mostly with the scripted engine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml
from openjd.model import create_job, decode_job_template, preprocess_job_parameters

from scripts.schedulers import make_openjd_bundle
from tests.worker.scripted_python import scripted_python

REPOSITORY = Path(__file__).resolve().parents[3]
TEMPLATE = REPOSITORY / "scripts" / "schedulers" / "openjd" / "template.yaml"
OPENJD = [sys.executable, "-m", "openjd"]
EXTENSIONS = ["TASK_CHUNKING", "FEATURE_BUNDLE_1"]
WAIT_S = 300


@pytest.fixture
def bundle(tmp_path):
    """A function that writes the bundle of a list with these lines; returns its folder."""

    def made(*lines, options=()):
        (tmp_path / "prompts.txt").write_text("\n".join(lines), encoding="utf-8")
        arguments = ["--jobs", str(tmp_path / "prompts.txt"), "--out", str(tmp_path / "out")]
        arguments += ["--bundle", str(tmp_path / "bundle"), "--python", sys.executable, *options]
        assert make_openjd_bundle.main(arguments) == 0
        return tmp_path / "bundle"

    return made


@pytest.fixture
def scripted(tmp_path, monkeypatch):
    """The worker's Python is that of the scripted engine."""
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(scripted_python(tmp_path)))


def openjd_run(bundle):
    return [*OPENJD, "run", str(bundle / "template.yaml"), "--job-param", f"file://{bundle / 'parameters.json'}"]


def run(bundle):
    return subprocess.run(openjd_run(bundle), capture_output=True, text=True, timeout=WAIT_S)


def prompts(tmp_path):
    return sorted(values["prompt"] for values in facts(tmp_path))


def facts(tmp_path):
    folders = (tmp_path / "out" / "objects").iterdir()
    return [json.loads((folder / f"{folder.name}.json").read_text(encoding="utf-8")) for folder in folders]


def job(values):
    """Return the job that OpenJD creates of the template with these values of its parameters."""
    template = decode_job_template(
        template=yaml.safe_load(TEMPLATE.read_text(encoding="utf-8")), supported_extensions=EXTENSIONS
    )
    given = preprocess_job_parameters(
        job_template=template,
        job_parameter_values={name: str(value) for name, value in values.items()},
        job_template_dir=TEMPLATE.parent,
        current_working_dir=TEMPLATE.parent,
    )
    return create_job(job_template=template, job_parameter_values=given)


def test_openjd_check_accepts_the_template():
    result = subprocess.run([*OPENJD, "check", str(TEMPLATE)], capture_output=True, text=True)
    assert (result.returncode, "passes validation checks" in result.stdout) == (0, True), result.stdout


def test_each_task_makes_its_entries_and_the_last_writes_the_manifest(bundle, scripted, tmp_path):
    folder = bundle("a red chair", "# a comment", "a blue mug", "", "a green table", options=["--chunk-size", "2"])
    result = run(folder)
    assert result.returncode == 0, result.stdout
    assert "Chunks run: 3" in result.stdout
    assert prompts(tmp_path) == ["a blue mug", "a green table", "a red chair"]
    assert result.stdout.count("openjd_progress: 100.0") == 3
    assert "0 made, 3 existed" in result.stdout
    assert (tmp_path / "out" / "manifest.parquet").is_file()
    assert "openjd_status: 2 of 2: a " in result.stdout
    assert "openjd_status: 1 of 1: a green table (1)" in result.stdout


def test_an_object_that_fails_fails_its_task_and_the_others_are_made(bundle, scripted, tmp_path):
    folder = bundle("a red chair", "a crash", "a blue mug")
    result = run(folder)
    assert result.returncode != 0
    assert "openjd_fail: 1 failed, the first because: " in result.stdout
    assert prompts(tmp_path) == ["a blue mug", "a red chair"]
    lines = (tmp_path / "out" / "failed.jsonl").read_text(encoding="utf-8").splitlines()
    told = [(failure["prompt"], failure["attempt"]) for failure in map(json.loads, lines)]
    # A single worker tries once, several try until it is final.
    assert told in ([("a crash", 1)], [("a crash", 1), ("a crash", 2), ("a crash", 3)])


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process")
def test_cancel_keeps_finished_objects_and_ends_the_worker(bundle, scripted, tmp_path):
    folder = bundle("a red chair", *(f"a chair {number} slow" for number in range(200)))
    process = subprocess.Popen(openjd_run(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_for(lambda: (tmp_path / "out" / "objects").is_dir() and len(prompts(tmp_path)) > 0, process)
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 2  # the command and its worker
        made = set(prompts(tmp_path))
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=WAIT_S)[0]
    finally:
        process.kill()
    assert process.returncode != 0
    assert "Stopped. Run the same command again to make the rest." in output
    assert psutil.wait_procs(started, timeout=WAIT_S)[1] == []
    assert made <= set(prompts(tmp_path))
    assert list((tmp_path / "out" / ".work").glob("[0-9]*-*")) == []  # of processes


def wait_for(is_met, process):
    deadline = time.monotonic() + WAIT_S
    while not is_met():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_after_the_third_failure_only_the_last_task_fails(bundle, scripted, tmp_path):
    folder = bundle("a red chair", "a crash")
    failures = tmp_path / "out" / "failed.jsonl"
    run_step(folder, "Generate", 1)
    failures.write_text(failures.read_text(encoding="utf-8") * 2, encoding="utf-8")  # of two attempts
    assert "All of these failures are final" in run_step(folder, "Generate", 0)
    assert "openjd_fail: 1 failed, the first because: It failed 3 times" in run_step(folder, "Finish", 1)
    assert (tmp_path / "out" / "manifest.parquet").is_file()


def run_step(bundle, name, expected):
    """Run one step; returns its output."""
    result = subprocess.run([*openjd_run(bundle), "--step", name], capture_output=True, text=True, timeout=WAIT_S)
    assert result.returncode == expected, result.stdout
    return result.stdout


def test_a_gpu_is_required_only_if_wanted(bundle):
    for options, wanted in ((["--gpu"], 1), ([], 0)):
        values = json.loads((bundle("a red chair", options=options) / "parameters.json").read_text(encoding="utf-8"))
        (amount,) = job(values).steps[0].hostRequirements.amounts
        assert (amount.name, amount.min) == ("amount.worker.gpu", wanted)


def test_a_task_is_told_to_stop_before_it_is_ended(bundle):
    values = json.loads((bundle("a red chair") / "parameters.json").read_text(encoding="utf-8"))
    cancelation = job(values).steps[0].script.actions.onRun.cancelation
    assert (cancelation.mode, cancelation.notifyPeriodInSeconds) == ("NOTIFY_THEN_TERMINATE", 60)


@pytest.mark.slow
def test_the_small_model_makes_objects_in_two_tasks(bundle, tmp_path):
    folder = bundle("a red chair", "a blue mug", "a green table", options=["--chunk-size", "2", "--quality", "draft"])
    result = run(folder)
    assert result.returncode == 0, result.stdout
    assert "Chunks run: 3" in result.stdout
    assert prompts(tmp_path) == ["a blue mug", "a green table", "a red chair"]
    for values in facts(tmp_path):
        assert values["parameters"]["quality"] == "draft"
        assert values["faces"] > 100
