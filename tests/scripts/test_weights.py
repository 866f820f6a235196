# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line for weights, as a process of its own: tables, JSON lines, exit codes."""

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
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)


@pytest.fixture
def small(monkeypatch):
    """A catalogue of one small checkpoint, which no address has."""
    form = CheckpointFile(
        "test/net.safetensors", OFFICIAL, (), 9, size=len(FILE), sha256=hashlib.sha256(FILE).hexdigest()
    )
    entries = {"test/net": Checkpoint("test/net", "a test", (form,), "MIT", "https://example.org", "Be careful.")}
    monkeypatch.setattr(cli, "CHECKPOINTS", entries)
    monkeypatch.setattr(local_files, "CHECKPOINTS", entries)
    monkeypatch.setattr(cli, "REQUIRED_CHECKPOINTS", {"test/all": ("test/net",)})


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/net.safetensors").write_bytes(FILE)
    return tmp_path / "stick"


def test_the_list_has_a_line_for_every_checkpoint_and_asks_nobody(tmp_path):
    done = script("list", folder=tmp_path)
    assert done.returncode == OK
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(CHECKPOINTS)
    assert list(tmp_path.iterdir()) == []


def test_as_json_every_line_is_an_object_with_all_that_is_known(tmp_path):
    lines = [json.loads(line) for line in script("--json", "list", folder=tmp_path).stdout.splitlines()]
    assert {line["name"] for line in lines} == CHECKPOINTS.keys()
    assert all(line["file"] is None and line["licence"] == "MIT" and line["warning"] for line in lines)


def test_what_a_model_lacks_is_told_by_the_exit_code(tmp_path):
    done = script("--json", "missing", "shap-e/text300M", folder=tmp_path)
    assert done.returncode == FAILED
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert names == ["clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder"]


def test_the_folder_is_told(tmp_path):
    assert script("where", folder=tmp_path).stdout.strip() == str(tmp_path)


@pytest.mark.parametrize("arguments", [["fetch"], ["fetch", "nonsense"], ["dance"], []])
def test_wrong_use_is_exit_code_2(tmp_path, arguments):
    done = script(*arguments, folder=tmp_path)
    assert done.returncode == 2 and done.stderr


def test_a_fetch_introduces_the_model_and_ends_with_its_place(small, stick, tmp_path, capsys):
    assert run(["--dir", str(tmp_path / "kept"), "--mirror", str(stick), "fetch", "test/all"]) == OK
    out = capsys.readouterr().out
    assert "Be careful." in out and str(tmp_path / "kept/test/net.safetensors") in out


def test_a_fetch_that_nobody_can_serve_is_exit_code_1_with_a_sentence(small, tmp_path, capsys):
    assert run(["--dir", str(tmp_path), "--mirror", "", "fetch", "test/net"]) == FAILED
    assert "test/net could not be fetched" in capsys.readouterr().err


def test_as_json_a_failure_is_the_last_line(small, tmp_path, capsys):
    assert run(["--dir", str(tmp_path), "--mirror", "", "--json", "fetch", "test/net"]) == FAILED
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["stage"] == "failed" and captured.err == ""


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


def test_a_check_reads_again_what_was_trusted_and_puts_aside_what_is_broken(small, stick, tmp_path, capsys):
    kept = ["--dir", str(tmp_path / "kept")]
    run([*kept, "import", str(stick)])
    assert run([*kept, "check"]) == OK
    assert hashlib.sha256(FILE).hexdigest() in capsys.readouterr().out
    file = tmp_path / "kept/test/net.safetensors"
    file.write_bytes(FILE[:-1] + b"x")
    assert run([*kept, "check", "test/net"]) == FAILED
    assert "Moved to net.safetensors.broken" in capsys.readouterr().err
    assert not file.exists() and run([*kept, "missing"]) == FAILED


def test_ctrl_c_ends_with_130_and_a_word(small, tmp_path, capsys, monkeypatch):
    def interrupted(*_arguments, **_choices):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(cli, "fetch", interrupted)
    assert run(["--dir", str(tmp_path), "fetch", "test/net"]) == INTERRUPTED
    assert "kept" in capsys.readouterr().err


def test_the_module_says_the_same_as_the_script(tmp_path):
    command = [sys.executable, "-m", "blender_text3d.engine.weights", "--dir", str(tmp_path), "--json", "list"]
    module = subprocess.run(command, cwd=SCRIPT.parent.parent, capture_output=True, text=True)
    assert module.stdout == script("--json", "list", folder=tmp_path).stdout


def test_what_is_removed_leaves_nothing_but_its_lock(small, stick, tmp_path, capsys):
    kept = ["--dir", str(tmp_path / "kept")]
    run([*kept, "import", str(stick)])
    (tmp_path / "kept/test/net.safetensors.broken").write_bytes(b"an older one, put aside")
    assert run([*kept, "remove", "test/all"]) == OK
    assert "MB freed" in capsys.readouterr().out
    assert [file.name for file in (tmp_path / "kept/test").iterdir()] == ["net.lock"]
    assert run([*kept, "remove", "test/all"]) == OK


def test_what_another_process_fetches_is_not_removed(small, stick, tmp_path, capsys):
    kept = tmp_path / "kept"
    run(["--dir", str(kept), "import", str(stick)])
    with FileLock(kept / "test/net.lock") as lock:
        assert lock.try_acquire()
        assert run(["--dir", str(kept), "remove", "test/net"]) == FAILED
    assert "being downloaded by another process" in capsys.readouterr().err
    assert (kept / "test/net.safetensors").exists()


def test_as_json_what_has_come_of_a_file_is_told(small, tmp_path, capsys):
    (tmp_path / "test").mkdir()
    (tmp_path / "test/net.safetensors.part").write_bytes(FILE[:40])
    run(["--dir", str(tmp_path), "--json", "list"])
    line = json.loads(capsys.readouterr().out)
    assert (line["received_bytes"], line["folder"]) == (40, str(tmp_path)) and line["come_bytes"] == 40
