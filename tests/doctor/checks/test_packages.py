# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker's Python reports about itself and its packages."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import packages
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from blender_text3d.doctor.fixes import OVERRIDE_FIX, fix_for
from blender_text3d.environment.requirements import WORKER

FACTS = {
    "python": "3.12.1",
    "broken": {},
    "threads": 2,
    "rerun": "0.41.3",
    "torch": "2.13.0+cpu",
    "cuda": "",
    "hip": "",
}


@pytest.fixture
def answer(bare, monkeypatch):
    """A function that gives the environment a Python whose probe returns these facts."""
    bare.python.parent.mkdir(parents=True)
    bare.python.touch()
    monkeypatch.setattr(packages, "device", lambda context, facts: Finding("device", "Device", GOOD, "x"))

    def answer(facts):
        def probe(python, timeout_s):
            assert (python, timeout_s) == (bare.python, 120.0)
            return facts

        monkeypatch.setattr(packages, "probe_python", probe)

    return answer


def test_without_a_python_nothing_is_checked(bare, monkeypatch):
    monkeypatch.setattr(packages, "probe_python", lambda *_: pytest.fail("it was probed"))
    assert list(packages.packages(bare)) == []


def test_python_packages_device_and_rerun_are_checked_in_this_order(bare, answer):
    answer(FACTS)
    assert [finding.check for finding in packages.packages(bare)] == ["worker_python", "packages", "device", "rerun"]


def test_what_is_missing_is_not_checked_further(bare, answer):
    answer({name: value for name, value in FACTS.items() if name != "torch"} | {"broken": {"torch": "x"}})
    assert [finding.check for finding in packages.packages(bare)] == ["worker_python", "packages", "rerun"]
    answer(FACTS | {"broken": {"rerun": "x"}})
    assert [finding.check for finding in packages.packages(bare)] == ["worker_python", "packages", "device"]


def test_a_python_that_does_not_run_is_the_only_finding(bare, answer):
    answer("it is broken")
    assert list(packages.packages(bare)) == [
        Finding("packages", "Packages", BAD, "it is broken", "a Python that runs", *fix_for(bare, "repair"))
    ]


def probe_result(monkeypatch, **result):
    def run(command, **options):
        assert command[:2] == ["/p", "-I"]
        assert Path(command[2]).name == "probe.py"
        assert tuple(command[3:]) == WORKER.modules
        assert (options["timeout"], options["stdin"]) == (9.6, subprocess.DEVNULL)
        assert options["env"]["PYTHONUTF8"] == "1"
        if error := result.get("error"):
            raise error
        return SimpleNamespace(**{"stdout": "", "stderr": "", "returncode": 3} | result)

    monkeypatch.setattr(packages.subprocess, "run", run)
    return packages.probe_python(Path("/p"), 9.6)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"stdout": 'a warning\n{"python": "3.12"}\n\n'}, {"python": "3.12"}),
        ({"error": subprocess.TimeoutExpired("x", 9)}, "/p did not respond within 10 s"),
        ({"error": OSError(8, "Exec format error")}, "/p cannot be started (Exec format error)"),
        ({"stderr": "one\nOh no\n\n", "stdout": "out"}, "/p stopped with exit code 3: Oh no"),
        ({"stdout": "only\nout\n"}, "/p stopped with exit code 3: out"),
        ({"stderr": " \n"}, "/p stopped with exit code 3: no output"),
        ({"stderr": "x" * 300}, f"/p stopped with exit code 3: {'x' * 200}"),
        ({"stdout": "[1]"}, "/p stopped with exit code 3: [1]"),
    ],
)
def test_the_answer_is_the_last_line_or_else_a_sentence(result, expected, monkeypatch):
    assert probe_result(monkeypatch, **result) == expected


@pytest.mark.parametrize(
    ("version", "state"), [("3.11.0", GOOD), ("3.14.2", GOOD), ("3.10.9", WARN), ("3.15.0", WARN), ("3.1.1", WARN)]
)
def test_the_supported_pythons_are_those_of_the_packages(version, state, bare):
    facts = FACTS | {"python": version}
    wanted, fix = "one of 3.11, 3.12, 3.13, 3.14", "Choose another Python in the preferences and press Set Up Again."
    expected = Finding("worker_python", "Worker's Python", state, version, wanted, fix, "preferences")
    assert packages.python_version(bare, facts) == expected
    own = packages.python_version(replace(bare, own_python=Path("/p")), facts)
    assert own == replace(expected, fix="Choose another Python in the preferences.")


def test_each_package_that_cannot_be_imported_is_told_with_its_reason(bare):
    wanted = "numpy, scipy, PIL, safetensors, trimesh, torch, rerun, psutil, fast_simplification"
    assert packages.imports(bare, FACTS) == Finding("packages", "Packages", GOOD, "all 9 can be imported", wanted)
    broken = FACTS | {"broken": {"numpy": "gone", "torch": "y" * 200}}
    text = f"numpy does not work (gone); torch does not work ({'y' * 160})"
    assert packages.imports(bare, broken) == Finding(
        "packages", "Packages", BAD, text, wanted, *fix_for(bare, "repair")
    )
    own = packages.imports(replace(bare, own_python=Path("/p")), broken)
    assert (own.fix, own.button) == (OVERRIDE_FIX, "preferences")


@pytest.mark.parametrize(
    ("version", "state", "text"),
    [("0.41", GOOD, "0.41"), ("0.41.0", GOOD, "0.41.0"), ("0.41.17", GOOD, "0.41.17"), ("0.4.1", WARN, "0.4.1"),
     ("0.410.0", WARN, "0.410.0"), ("0.42.0", WARN, "0.42.0"), ("", WARN, "unknown")],
)  # fmt: skip
def test_rerun_must_be_of_the_pinned_series(version, state, text, bare):
    found = packages.rerun(bare, FACTS | {"rerun": version})
    assert found == Finding("rerun", "Rerun", state, f"version {text}", "0.41", *fix_for(bare, "renew"))


@pytest.mark.parametrize("requirements", [(), ("rerun-sdk",), ("numpy==2",)])
def test_an_unpinned_rerun_may_have_any_version(requirements, bare, monkeypatch):
    monkeypatch.setattr(packages, "WORKER", replace(WORKER, requirements=requirements))
    found = packages.rerun(bare, FACTS | {"rerun": "9.9"})
    assert (found.state, found.wanted) == (GOOD, "any version")


@pytest.mark.skipif(sys.platform == "win32", reason="the environment of this process")
def test_the_real_probe_answers_without_the_callers_module_path(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise RuntimeError('the wrong module')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(packages, "WORKER", replace(WORKER, modules=("zipfile", "nosuchmodule")))
    facts = packages.probe_python(Path(sys.executable), 60)
    assert facts["broken"] == {"nosuchmodule": "ModuleNotFoundError: No module named 'nosuchmodule'"}
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
