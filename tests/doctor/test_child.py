# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnostics as a child of Blender: its command line, its output while it runs, and its time limit."""

import json
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.doctor import child as child_module
from blender_text3d.doctor.child import DoctorChild
from blender_text3d.doctor.finding import GOOD, Finding

ONE, TWO = Finding("a", "A", GOOD, "wéll"), Finding("b", "B", GOOD, "well")


@pytest.fixture
def child():
    child = DoctorChild(data_folder="/data", python="/p", viewer="-v", blender={"version": "5.2"})
    yield child
    child.remove_output()


def options_of(child) -> list[str]:
    return child._command[child._command.index("blender_text3d.doctor") + 1 :]


def test_the_preferences_and_facts_are_passed_on_as_the_command_line_reads_them(child):
    expected = [
        "--json", "--data-folder", "/data", "--python", "/p", "--viewer=-v", "--blender", '{"version": "5.2"}'
    ]  # fmt: skip
    assert options_of(child) == expected
    assert child._command[:3] == [sys.executable, "-I", "-B"]
    full = DoctorChild(data_folder="", python="", viewer="", blender={}, is_full=True)
    assert options_of(full) == ["--json", "--data-folder", "", "--python", "", "--viewer=", "--blender", "{}", "--full"]
    full.remove_output()


def test_the_output_lies_in_a_temporary_folder_of_its_own_which_is_removed_with_it(child, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    other = DoctorChild(data_folder="", python="", viewer="", blender={})
    assert other.output.name == "findings.jsonl"
    assert other.output.parent.parent == tmp_path
    assert other.output.parent.name.startswith("text3d-doctor-")
    assert other.output.parent.is_dir()
    other.output.touch()
    other.remove_output()
    assert list(tmp_path.iterdir()) == []
    other.remove_output()


@pytest.mark.parametrize(("is_full", "limit_s"), [(False, 300.0), (True, 2700.0)])
def test_it_is_late_after_its_time_limit(is_full, limit_s, monkeypatch):
    clock = SimpleNamespace(now_s=1000.0)
    monkeypatch.setattr(child_module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    child = DoctorChild(data_folder="", python="", viewer="", blender={}, is_full=is_full)
    clock.now_s += limit_s
    assert not child.is_late()
    clock.now_s += 0.1
    assert child.is_late()
    child.remove_output()


def test_complete_lines_are_read_while_it_runs(child):
    def write(text: str) -> None:
        child.output.write_bytes(text.encode())

    assert (child.findings(), child.report(), child.last_line()) == ([], "", "nothing")
    write(ONE.to_json() + "\n" + TWO.to_json())
    assert child.findings() == [ONE]
    assert child.last_line() == ONE.to_json()
    write(f"{ONE.to_json()}\na warning\n{TWO.to_json()}\n")
    assert child.findings() == [ONE, TWO]
    assert child.report() == ""
    write(f"{ONE.to_json()}\n" + json.dumps({"report": "all is wéll"}) + "\n")
    assert child.findings() == [ONE]
    assert child.report() == "all is wéll"
    write(json.dumps({"report": "early"}) + "\n3\nnull\n{}\n[]\nhalf\n")
    assert child.report() == "early"


def test_the_last_line_that_is_not_blank_may_be_an_error(child):
    child.output.write_bytes(b"Traceback\n  OSError: no disk \n\n \n")
    assert child.last_line() == "OSError: no disk"
    child.output.write_bytes(b"\xff\xfe bad\n")
    assert child.last_line().endswith("bad")
