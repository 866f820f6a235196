# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast faults of scripts/fault_injection once each, with the real worker and the bundled models."""

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.fault_injection.fault import Fault, InvariantViolated, Round, StageNotReached
from scripts.fault_injection.harness import Harness
from scripts.fault_injection.registry import FAULTS
from scripts.fault_injection.scenarios.worker_disk_full import Plans, prelude

SCRIPTS = Path(__file__).parents[2] / "scripts"
FAST = (
    "Worker: SIGTERM, refined from a latent, any stage",
    "Worker: SIGKILL, three objects at once, any stage",
    "Worker: MemoryError, mini/shap-e from an image, any stage",
    "Disk: full for one write, each in turn, mini/shap-e",
    "Clock: jumps back and forth",
    "Disk: no file may grow (RLIMIT_FSIZE), any stage",
    "Disk: job folder becomes read-only, any stage",
    "Disk: jobs folder is read-only",
    "events.jsonl: cut, any stage",
    "events.jsonl: repeated, any stage",
    "events.jsonl: interleaved, any stage",
    "events.jsonl: broken UTF-8, any stage",
    "events.jsonl: a newer version's, any stage",
    "events.jsonl: a gigabyte, any stage",
    "Crowd: four processes fetch one file, one is killed",
    "Reboot: client and worker gone, their numbers another's, any stage",
)
WRITES = """
import sys, time
from contextlib import contextmanager
from pathlib import Path
@contextmanager
def reports(name):
    try:
        yield
    except OSError as error:
        assert error.errno == 28
        print(name)
jobs = Path(sys.argv[1], "jobs")
Path(sys.argv[1], "elsewhere").write_text("is not counted")
with reports("mkdir"): (jobs / str(time.monotonic_ns())).mkdir()
with reports("text"): (jobs / "text").write_text("a line")
with reports("bytes"):
    with (jobs / "bytes").open("ab", buffering=0) as file: file.write(b"one"); file.write(b"two")
with reports("replace"): (jobs / "text").replace(jobs / "other")
"""
ATTEMPTS = 20  # for a fault that comes too late, as more do on a slow machine


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    harness = Harness(Path(sys.executable), folder=tmp_path_factory.mktemp("harness"))
    yield harness
    harness.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", FAST)
def test_a_fault_is_survived(harness, tmp_path, name):
    (fault,) = [fault for fault in FAULTS if fault.name == name]
    for number in range(ATTEMPTS):
        try:
            fault.inject(Round(random.Random(f"{name} {number}"), tmp_path, harness))
            return
        except StageNotReached:
            continue
    pytest.fail("the fault came too late in every attempt")


@pytest.fixture
def suite(monkeypatch):
    spec = importlib.util.spec_from_file_location("fault_suite", SCRIPTS / "fault_injection" / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_and_the_exit_code_report_losses(suite, monkeypatch, capsys, tmp_path):
    def lose(_: Round) -> None:
        raise InvariantViolated("the object is gone")

    def miss(_: Round) -> None:
        raise StageNotReached

    faults = [Fault("lost", lose), Fault("missed", miss), Fault("survived", lambda _: None)]
    monkeypatch.setattr(suite, "FAULTS", faults)
    tally = ["--tally", str(tmp_path / "tally.json")]
    assert suite.main(["--rounds", "2", "--only", "missed", "survived", *tally]) == 0
    assert suite.main(["--rounds", "3", *tally]) == 1
    output = capsys.readouterr().out
    assert "| lost | 3 | 0 | 3 |" in output
    assert "| survived | 5 | 5 | 0 |" in output
    assert "| missed | 0 | 0 | 0 |" in output
    assert "the object is gone" in output
    assert output.rstrip().endswith("| **all** | **8** | **5** | **3** |")


def test_each_blender_has_its_turn_and_observations_are_counted(suite, monkeypatch, capsys, tmp_path):
    blenders = []
    faults = [
        Fault("in Blender", lambda round_: blenders.append(round_.bpy), needs="bpy"),
        Fault("full", lambda _: "9 writes"),
    ]
    monkeypatch.setattr(suite, "FAULTS", faults)
    monkeypatch.setattr(Harness, "version", lambda harness, bpy: bpy.name)
    tally = ["--tally", str(tmp_path / "tally.json")]
    assert suite.main(["--rounds", "3", "--bpy", "4.2", "5.2", *tally]) == 0
    assert suite.main(["--rounds", "1", *tally]) == 0
    assert [bpy.name for bpy in blenders] == ["4.2", "5.2", "4.2"]
    assert "- in Blender: 2 × bpy 4.2, 1 × bpy 5.2\n- full: 4 × 9 writes" in capsys.readouterr().out


def test_a_disk_is_full_at_the_planned_write_and_at_no_other(tmp_path):
    plans = Plans(tmp_path / "plans")
    (tmp_path / "jobs").mkdir()
    program = prelude(tmp_path / "jobs", plans.folder) + WRITES
    expected = {0: "", 1: "mkdir", 3: "text", 4: "bytes", 7: "replace"}
    for at, failed in expected.items():
        plans.write(at)
        done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == failed, done.stderr
        assert at or plans.count() == 7  # later writes are counted in a run without a fault


def test_the_least_tried_fault_is_next_so_that_an_interrupted_run_gives_an_even_table(suite, tmp_path):
    faults = [Fault(name, lambda _: None, is_slow=name == "slow") for name in ("often", "rare", "slow")]
    rows = {name: suite.Row(name, survived=survived) for name, survived in (("often", 2), ("rare", 0), ("slow", 1))}
    order = []
    for fault in suite.schedule(faults, 6, rows):
        order.append(fault.name)
        rows[fault.name].survived += 1
    assert order[:6] == ["rare", "rare", "slow", "often", "rare", "slow"]
    assert {name: row.survived for name, row in rows.items()} == {"often": 8, "rare": 6, "slow": 6}
