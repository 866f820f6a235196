# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights of the included models, and the downloaded ones of OpenAI's."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import models
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from blender_text3d.system.child import PACKAGE


def write_weights(path: Path, data: bytes = b"12345678", header: dict | None = None) -> None:
    """Write a safetensors file of one tensor."""
    tensors = {"__metadata__": {"x": "y"}, "a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}}
    text = json.dumps(tensors if header is None else header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


@pytest.fixture
def folder(tmp_path):
    """A folder with small files of the names of the included models."""
    for name in models.SHIPPED_NAMES:
        write_weights(tmp_path / f"{name}.safetensors")
    return tmp_path


def test_the_included_models_are_all_weights_files_of_the_package():
    assert models.SHIPPED == PACKAGE / "engine" / "mini"
    assert list(models.SHIPPED_NAMES) == sorted(file.stem for file in models.SHIPPED.glob("*.safetensors"))


def test_complete_files_are_told_with_the_beginning_of_their_hashes(bare, folder):
    digest = hashlib.sha256((folder / "words.safetensors").read_bytes()).hexdigest()[:8]
    text = ", ".join(f"{name} {digest}" for name in models.SHIPPED_NAMES)
    assert list(models.shipped(bare, folder)) == [
        Finding("shipped", "Included models", GOOD, f"complete: {text}", "9 complete files")
    ]


def test_each_damaged_file_is_told(bare, folder):
    (folder / "point_e.safetensors").unlink()
    write_weights(folder / "words.safetensors", b"1234567")
    size = (folder / "shap_e.safetensors").stat().st_size
    found = f"point_e cannot be read (No such file or directory); words has {size - 1:,} bytes instead of {size:,}"
    assert list(models.shipped(bare, folder)) == [
        Finding("shipped", "Included models", BAD, found, "9 complete files",
                "Install the add-on again, from a complete download.")
    ]  # fmt: skip


def test_a_file_with_the_size_of_its_header_is_complete(tmp_path):
    file = tmp_path / "x"
    write_weights(file)
    assert models.weights_file_problem(file) == ""
    header = {"a": {"data_offsets": [4, 8]}, "b": {"data_offsets": [0, 4]}}
    write_weights(file, b"12345678", header)
    assert models.weights_file_problem(file) == ""
    write_weights(file, b"", {})
    assert models.weights_file_problem(file) == ""
    write_weights(file, b"x" * 2000, {"a": {"data_offsets": [0, 1999]}})
    size = file.stat().st_size
    assert models.weights_file_problem(file) == f"has {size:,} bytes instead of {size - 1:,}"


@pytest.mark.parametrize(
    "content",
    [b"", b"1234567", bytes(8), bytes(100), (2).to_bytes(8, "little") + b"[]", (2).to_bytes(8, "little") + b"\xff{",
     (10).to_bytes(8, "little") + b"{}", b"<html>error</html>"],
)  # fmt: skip
def test_a_file_without_a_header_is_no_weights_file(content, tmp_path):
    (tmp_path / "x").write_bytes(content)
    assert models.weights_file_problem(tmp_path / "x") == "is not a weights file"


@pytest.mark.parametrize(
    "entry",
    [
        None, 5, "text", [], {}, {"data_offsets": 8}, {"data_offsets": []}, {"data_offsets": [0]},
        {"data_offsets": [0, "8"]}, {"data_offsets": [0, 8.0]}, {"data_offsets": [0, True]},
        {"data_offsets": [0, 4, 8]}, {"data_offsets": [4, 0]}, {"data_offsets": [-8, 8]}, {"data_offsets": {"1": 8}},
    ],
)  # fmt: skip
def test_a_header_with_an_odd_entry_is_told(entry, tmp_path):
    write_weights(tmp_path / "x", b"12345678", {"a": {"data_offsets": [0, 8]}, "b": entry})
    assert models.weights_file_problem(tmp_path / "x") == "has a header without valid tensors"


@pytest.mark.parametrize("header", [b"[" * 100_000, b" " * 2**20 + b"{}"])
def test_a_header_that_is_nested_or_long_beyond_measure_is_none(header, tmp_path):
    (tmp_path / "x").write_bytes(len(header).to_bytes(8, "little") + header)
    assert models.weights_file_problem(tmp_path / "x") == "is not a weights file"


@pytest.fixture
def command(monkeypatch, tmp_path):
    """The answers of the weights' command line, "list" and "check"; the calls."""
    command = SimpleNamespace(list=[], check=[], calls=[])

    def run(action, timeout_s, data_dir):
        command.calls.append((action, timeout_s, data_dir))
        return getattr(command, action)

    monkeypatch.setattr(models, "run_weights_command", run)
    return command


def listed(folder="/nowhere", **changes) -> dict:
    return {"name": "a/b", "folder": str(folder), "sha256": "", "received_bytes": 0, "file": ""} | changes


WANTED = "none, or verified files"


def official(bare, **changes) -> list[Finding]:
    found = list(models.official(replace(bare, **changes)))
    assert {(finding.what, finding.wanted) for finding in found} == {("OpenAI models", WANTED)}
    return found


@pytest.mark.parametrize(
    ("answer", "why"), [([], "no output"), ([{"stage": "failed", "message": "it broke"}], "it broke"), ([{}], "")]
)
def test_weights_that_cannot_be_listed_are_reported(answer, why, bare, command):
    command.list = answer
    assert official(bare) == [
        Finding(
            "official", "OpenAI models", WARN, f"they cannot be listed ({why})", WANTED, "Install the add-on again."
        )
    ]
    assert command.calls == [("list", 60, bare.data_dir)]


def test_no_weights_are_fine(bare, command):
    command.list = [listed()]
    for is_full in (False, True):
        (found,) = official(bare, is_full=is_full)
        assert (found.state, found.found) == (GOOD, "none downloaded, and none required")
    assert [action for action, *_ in command.calls] == ["list", "list"]


def test_verified_weights_are_told_with_the_beginning_of_their_hashes(bare, command):
    command.list = [listed(file="/x", sha256="0123456789"), listed(name="c/d", file="/y", sha256="abcdefabcdef")]
    (found,) = official(bare)
    assert (found.state, found.found, found.fix) == (GOOD, "verified: a/b 01234567, c/d abcdefab", "")


def test_unverified_weights_are_reported_and_a_full_check_reads_them(bare, command):
    command.list = [listed(file="/x"), listed(name="c/d", file="/y", sha256="abcd"), listed(name="e/f")]
    assert official(bare) == [
        Finding("official", "OpenAI models", WARN, "a/b not verified since they were downloaded or changed", WANTED,
                "They are verified on first use, or with --full.")
    ]  # fmt: skip
    assert official(bare, is_full=True)[0].state == GOOD
    assert command.calls[-1] == ("check", 1800, bare.data_dir)
    command.check = [{"stage": "done", "message": "well"}, {"stage": "failed", "message": "a/b is broken."},
                     {"stage": "failed", "message": "c/d is broken."}]  # fmt: skip
    assert official(bare, is_full=True) == [
        Finding("official", "OpenAI models", BAD, "a/b is broken. c/d is broken", WANTED, "Download these again.",
                "preferences")
    ]  # fmt: skip


def test_quarantined_files_are_named_in_order(bare, command, tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "z.broken").touch()
    (tmp_path / "a.broken").touch()
    (tmp_path / "c.pt").touch()
    command.list = [listed(tmp_path)]
    assert official(bare) == [
        Finding("official", "OpenAI models", WARN, "quarantined as corrupt: a.broken, z.broken", WANTED,
                "Download these again.", "preferences")
    ]  # fmt: skip


def test_partial_downloads_are_told_after_the_others(bare, command):
    command.list = [listed(received_bytes=5), listed(name="c/d"), listed(name="e/f", received_bytes=1)]
    first, second = official(bare)
    assert first.check == "official"
    assert second == Finding(
        "official_half", "OpenAI models", WARN, "partly downloaded: a/b, e/f", WANTED,
        "Download them again: partial downloads are resumed.", "preferences",
    )  # fmt: skip


def test_the_command_line_runs_in_this_python_with_the_data_folder(monkeypatch):
    def run(command, **options):
        assert command[:3] == [sys.executable, "-I", "-B"]
        assert command[-3:] == ["blender_text3d.engine.weights", "--json", "list"]
        assert options["env"]["BLENDER_TEXT3D_HOME"] == "/data"
        assert options["env"]["PYTHONUTF8"] == "1"
        assert (options["timeout"], options["stdin"]) == (7, subprocess.DEVNULL)
        return SimpleNamespace(stdout='{"a": 1}\n{"b": 2}\n')

    monkeypatch.setattr(models.subprocess, "run", run)
    assert models.run_weights_command("list", 7, Path("/data")) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("error", [OSError("no"), subprocess.TimeoutExpired("x", 7), ValueError("half")])
def test_a_command_line_that_fails_answers_in_the_same_form(error, monkeypatch):
    def run(command, **options):
        raise error

    monkeypatch.setattr(models.subprocess, "run", run)
    assert models.run_weights_command("list", 7, Path("/data")) == [{"stage": "failed", "message": str(error)}]
