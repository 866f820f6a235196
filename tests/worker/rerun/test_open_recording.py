# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that opens a job's recording in the Rerun viewer."""

import json
import sys

import pytest

from blender_text3d.worker.rerun import open_recording as module


@pytest.fixture
def recording(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["open_recording", str(tmp_path / "job.rrd")])
    monkeypatch.setattr(module, "has_display", lambda environment: True)
    return tmp_path / "job.rrd"


def test_a_viewer_gets_the_recording_and_sends_nothing_to_the_internet(recording, tmp_path, monkeypatch):
    seen = tmp_path / "seen.json"
    program = tmp_path / "rerun"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"json.dump([sys.argv[1:], dict(os.environ)], open({str(seen)!r} + '.part', 'w'))\n"
        f"os.replace({str(seen)!r} + '.part', {str(seen)!r})\n"
    )
    program.chmod(0o755)
    module.open_recording(program, recording).wait(timeout=60)
    arguments, environment = json.loads(seen.read_text())
    assert arguments[:2] == ["--bind", "127.0.0.1"]
    assert 0 < int(arguments[3]) < 65536
    assert arguments[4:] == [str(recording)]
    assert environment["HTTPS_PROXY"] == "http://127.0.0.1:9"


def test_the_viewer_of_this_environment_is_started(recording, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(module, "viewer_executable", lambda: tmp_path / "rerun")
    monkeypatch.setattr(module, "open_recording", lambda executable, path: opened.append((executable, path)))
    assert module.main() == 0
    assert opened == [(tmp_path / "rerun", recording)]


def test_without_rerun_it_says_how_to_get_it(recording, monkeypatch, capsys):
    monkeypatch.setattr(module, "viewer_executable", lambda: None)
    assert module.main() == 1
    assert "Press Check and Repair" in capsys.readouterr().out


def test_without_a_display_it_says_that_no_window_can_be_opened(recording, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(module, "viewer_executable", lambda: tmp_path / "rerun")
    monkeypatch.setattr(module, "has_display", lambda environment: False)
    assert module.main() == 1
    assert "could not open a window" in capsys.readouterr().out
