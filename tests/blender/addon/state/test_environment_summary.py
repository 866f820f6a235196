# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of the environment, line by line."""

from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state import environment_summary as module
from blender_text3d.addon.state.environment_summary import (
    DiskUse,
    needs_rebuild,
    smoke_test_result,
    summary_lines,
    unused_environment,
)
from blender_text3d.addon.state.weight_files import WeightFile
from blender_text3d.environment.installers import torch_build
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.smoke_test_result import (
    FILE_NAME,
    SmokeTestResult,
    override_result_path,
    write_test_result,
)

RESULT = SmokeTestResult(
    "3.11.7", "/usr/bin/python3", "2.13.0+cpu", "CUDA", "Some Card", "0.41.0", "uv 0.13.9", 2_000_000_000,
    requested_build="cpu", build="cpu",
)  # fmt: skip
FILE = WeightFile("shap-e/x", "about", 900_000_000, 0, "", "/x", ("shap-e/text300M",), "MIT", "", "")
PART = replace(FILE, name="shap-e/y", path="", received_bytes=100_000_000)


@pytest.fixture
def chosen(tmp_path):
    return Choices(tmp_path / "jobs", tmp_path / "worker-env", None, "", "cpu", "", "")


def test_all_facts_are_listed_in_their_order():
    assert summary_lines(RESULT, [FILE, PART], DiskUse(1234, 50_000_000, 3_000_000_000)) == [
        ("Python", "3.11.7, installed by uv 0.13.9"),
        ("PyTorch", "2.13.0+cpu"),
        ("Device", "CUDA: Some Card"),
        ("Rerun", "0.41.0"),
        ("Models", "2 included, 1 of 2 downloaded"),
        ("Jobs", "1,234, 50 MB"),
        ("Disk Usage", "4.05 GB (environment 3.00 GB, models 1.00 GB, jobs 50 MB)"),
    ]


def test_an_environment_that_was_not_tested_and_has_nothing_is_summed_up_in_three_lines():
    assert summary_lines(None, []) == [
        ("Environment", "Not tested. Press Check and Repair"),
        ("Models", "2 included"),
        ("Disk Usage", "0 kB"),
    ]


def test_the_size_of_the_environment_is_the_measured_one_or_that_of_the_test():
    assert summary_lines(RESULT, [])[-1] == ("Disk Usage", "2.00 GB (environment 2.00 GB)")
    assert summary_lines(RESULT, [], DiskUse(0, 0, 5_000_000))[-2:] == [
        ("Models", "2 included"),
        ("Disk Usage", "5 MB (environment 5 MB)"),
    ]


@pytest.mark.parametrize(
    ("changes", "label", "text"),
    [
        ({"tool": ""}, "Python", "3.11.7"),
        ({"rerun": ""}, "Rerun", "Missing, jobs are not recorded"),
        ({"device": "CPU", "device_name": "CPU, 8 threads"}, "Device", "CPU, 8 threads"),
        ({"device": "CPU", "device_name": ""}, "Device", "CPU"),
        ({"device": "MPS", "device_name": "Apple M3"}, "Device", "MPS: Apple M3"),
    ],
)
def test_missing_facts_are_left_out(changes, label, text):
    assert dict(summary_lines(replace(RESULT, **changes), []))[label] == text


def test_the_test_of_the_environments_version_in_use_counts(chosen):
    assert smoke_test_result(chosen) is None
    (chosen.env_dir / "2").mkdir(parents=True)
    write_manifest(chosen.env_dir, Manifest("ready", "", "", "2"))
    write_test_result(chosen.env_dir / "2" / FILE_NAME, RESULT)
    assert smoke_test_result(chosen) == RESULT


@pytest.mark.parametrize(("executable", "is_read"), [("/usr/bin/python3", True), ("/usr/bin/python4", False)])
def test_the_test_of_a_python_override_counts_for_that_python_alone(chosen, tmp_path, executable, is_read):
    own = replace(chosen, own_python=Path(executable))
    assert smoke_test_result(own) is None
    write_test_result(override_result_path(tmp_path), RESULT)
    assert smoke_test_result(own) == (RESULT if is_read else None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"torch": "cu130"}, True),
        ({"torch": "cu130", "own_python": Path("/usr/bin/python3")}, False),
        ({"base_python": "/usr/bin/python3.12"}, True),
        ({"base_python": "/usr/bin/python3.11"}, False),
    ],
)
def test_another_build_or_python_in_the_preferences_needs_another_environment(chosen, monkeypatch, changes, expected):
    monkeypatch.setattr(torch_build.sys, "platform", "linux")
    result = replace(RESULT, requested_python="/usr/bin/python3.11")
    assert needs_rebuild(result, replace(chosen, **changes)) is expected
    assert needs_rebuild(None, replace(chosen, **changes)) is False


def test_an_environment_of_a_kit_has_the_python_and_the_build_of_the_kit(chosen, monkeypatch):
    monkeypatch.setattr(torch_build.sys, "platform", "linux")
    kit = replace(RESULT, requested_build="", build="", torch="2.13.0+cu130")
    other = replace(chosen, base_python="/usr/bin/python3.12", torch="cu130")
    assert needs_rebuild(kit, other) is False
    assert needs_rebuild(kit, replace(other, torch="cpu")) is True


@pytest.fixture
def moved(chosen, tmp_path, monkeypatch):
    """A data folder of the preferences, and an environment in the default one."""
    default = tmp_path / "default"
    (default / "worker-env" / "1").mkdir(parents=True)
    write_manifest(default / "worker-env", Manifest("ready", "", "", "1"))
    monkeypatch.setattr(module, "default_data_dir", lambda: default)
    monkeypatch.setattr(module, "data_dir", lambda: tmp_path)
    return replace(chosen, is_moved=True)


def test_the_environment_of_the_default_folder_is_unused_once_all_have_moved(moved, tmp_path, monkeypatch):
    default = tmp_path / "default"
    assert unused_environment(moved) == (default, 0)
    write_test_result(default / "worker-env" / "1" / FILE_NAME, RESULT)
    assert unused_environment(moved) == (default, 2_000_000_000)
    assert unused_environment(replace(moved, is_moved=False)) is None
    assert unused_environment(replace(moved, env_dir=default / "worker-env")) is None
    monkeypatch.setattr(module, "data_dir", lambda: default)
    assert unused_environment(moved) is None


def test_a_default_folder_without_an_environment_has_none_to_remove(moved, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "default_data_dir", lambda: tmp_path / "empty")
    assert unused_environment(moved) is None
