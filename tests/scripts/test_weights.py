# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights' command line: tables, JSON lines, exit codes."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.engine.weights import cli
from blender_text3d.engine.weights.catalogue import CHECKPOINTS, OFFICIAL, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.cli import FAILED, INTERRUPTED, OK, run
from blender_text3d.engine.weights.store import local_files
from blender_text3d.system.file_lock import FileLock

SCRIPT = Path(__file__).parents[2] / "scripts/weights.py"
HEADER = b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}'
FILE = len(HEADER).to_bytes(8, "little") + HEADER + bytes(36)


def script(*arguments, folder):
    command = [sys.executable, SCRIPT, "--dir", folder, *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600)


@pytest.fixture
def small(monkeypatch):
    """A catalogue of one small checkpoint without a URL."""
    file = CheckpointFile(
        "test/net.safetensors", OFFICIAL, (), 9, size=len(FILE), sha256=hashlib.sha256(FILE).hexdigest()
    )
    entries = {"test/net": Checkpoint("test/net", "a test", (file,), "MIT", "https://example.org", "Be careful.")}
    monkeypatch.setattr(cli, "CHECKPOINTS", entries)
    monkeypatch.setattr(local_files, "CHECKPOINTS", entries)
    monkeypatch.setattr(cli, "REQUIRED_CHECKPOINTS", {"test/all": ("test/net",)})


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/net.safetensors").write_bytes(FILE)
    return tmp_path / "stick"


def test_the_list_has_a_line_for_every_checkpoint_without_a_network(tmp_path):
    done = script("list", folder=tmp_path)
    assert done.returncode == OK
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(CHECKPOINTS)
    assert list(tmp_path.iterdir()) == []


def test_as_json_every_line_is_an_object_with_all_facts(tmp_path):
    lines = [json.loads(line) for line in script("--json", "list", folder=tmp_path).stdout.splitlines()]
    assert {line["name"] for line in lines} == CHECKPOINTS.keys()
    assert all(line["file"] is None and line["warning"] for line in lines)
    assert all(line["license"] == line["licence"] == "MIT" for line in lines)


def test_missing_files_set_the_exit_code(tmp_path):
    done = script("--json", "missing", "shap-e/text300M", folder=tmp_path)
    assert done.returncode == FAILED
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert names == ["clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder"]


def test_the_folder_is_printed(tmp_path):
    assert script("where", folder=tmp_path).stdout.strip() == str(tmp_path)


@pytest.mark.parametrize("arguments", [["fetch"], ["fetch", "nonsense"], ["unknown"], []])
def test_a_usage_error_is_exit_code_2(tmp_path, arguments):
    done = script(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr


def test_a_download_prints_the_model_card_and_the_path(small, stick, tmp_path, capsys):
    assert run(["--dir", str(tmp_path / "kept"), "--mirror", str(stick), "fetch", "test/all"]) == OK
    out = capsys.readouterr().out
    assert "Be careful." in out
    assert str(tmp_path / "kept/test/net.safetensors") in out


def test_a_download_without_a_source_is_exit_code_1_with_a_message(small, tmp_path, capsys):
    assert run(["--dir", str(tmp_path), "--mirror", "", "fetch", "test/net"]) == FAILED
    assert "test/net could not be downloaded" in capsys.readouterr().err


def test_as_json_a_failure_is_the_last_line(small, tmp_path, capsys):
    assert run(["--dir", str(tmp_path), "--mirror", "", "--json", "fetch", "test/net"]) == FAILED
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["stage"] == "failed"
    assert captured.err == ""


def test_a_folder_is_imported_and_then_nothing_is_missing(small, stick, tmp_path, capsys):
    kept = ["--dir", str(tmp_path / "kept")]
    assert run([*kept, "missing", "test/net"]) == FAILED
    assert run([*kept, "import", str(stick)]) == OK
    assert run([*kept, "missing", "test/net"]) == OK
    assert run([*kept, "list"]) == OK
    assert "verified" in capsys.readouterr().out


def test_an_import_of_nothing_is_exit_code_1(small, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run(["--dir", str(tmp_path / "kept"), "import", str(tmp_path / "empty")]) == FAILED
    assert "contains no missing weights" in capsys.readouterr().err


def test_a_check_verifies_again_and_quarantines_what_is_broken(small, stick, tmp_path, capsys):
    kept = ["--dir", str(tmp_path / "kept")]
    run([*kept, "import", str(stick)])
    assert run([*kept, "check"]) == OK
    assert hashlib.sha256(FILE).hexdigest() in capsys.readouterr().out
    file = tmp_path / "kept/test/net.safetensors"
    file.write_bytes(FILE[:-1] + b"x")
    assert run([*kept, "check", "test/net"]) == FAILED
    assert "Moved to net.safetensors.broken" in capsys.readouterr().err
    assert not file.exists()
    assert run([*kept, "missing"]) == FAILED


def test_ctrl_c_is_exit_code_130_with_a_message(small, tmp_path, capsys, monkeypatch):
    def interrupted(*_arguments, **_choices):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(cli, "fetch", interrupted)
    assert run(["--dir", str(tmp_path), "fetch", "test/net"]) == INTERRUPTED
    assert "kept" in capsys.readouterr().err


def test_the_module_prints_the_same_as_the_script(tmp_path):
    command = [sys.executable, "-m", "blender_text3d.engine.weights", "--dir", str(tmp_path), "--json", "list"]
    module = subprocess.run(command, cwd=SCRIPT.parent.parent, capture_output=True, text=True)
    assert module.stdout == script("--json", "list", folder=tmp_path).stdout


def test_remove_leaves_only_the_lock(small, stick, tmp_path, capsys):
    kept = ["--dir", str(tmp_path / "kept")]
    run([*kept, "import", str(stick)])
    (tmp_path / "kept/test/net.safetensors.broken").write_bytes(b"an older quarantined file")
    assert run([*kept, "remove", "test/all"]) == OK
    assert "MB freed" in capsys.readouterr().out
    assert [file.name for file in (tmp_path / "kept/test").iterdir()] == ["net.lock"]
    assert run([*kept, "remove", "test/all"]) == OK


def test_what_another_process_downloads_is_not_removed(small, stick, tmp_path, capsys):
    kept = tmp_path / "kept"
    run(["--dir", str(kept), "import", str(stick)])
    with FileLock(kept / "test/net.lock") as lock:
        assert lock.try_acquire()
        assert run(["--dir", str(kept), "remove", "test/net"]) == FAILED
    assert "being downloaded by another process" in capsys.readouterr().err
    assert (kept / "test/net.safetensors").exists()


def test_as_json_the_bytes_of_a_partial_download_are_listed(small, tmp_path, capsys):
    (tmp_path / "test").mkdir()
    (tmp_path / "test/net.safetensors.part").write_bytes(FILE[:40])
    run(["--dir", str(tmp_path), "--json", "list"])
    line = json.loads(capsys.readouterr().out)
    assert (line["received_bytes"], line["folder"]) == (40, str(tmp_path))
    assert line["come_bytes"] == 40
