# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights' command line: its actions, their output, and their exit codes."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from blender_text3d.engine.weights import cli
from blender_text3d.engine.weights.catalogue import (
    CHECKPOINTS,
    OFFICIAL,
    REQUIRED_CHECKPOINTS,
    Checkpoint,
    CheckpointFile,
)
from blender_text3d.engine.weights.cli import FAILED, INTERRUPTED, OK, UnknownName, checkpoints_named, run
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.store import local_files
from blender_text3d.engine.weights.store.verified_stamp import stamp_path
from blender_text3d.system.file_lock import FileLock

HEADER = b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}'
FILE = len(HEADER).to_bytes(8, "little") + HEADER + bytes(36)
SHA256 = hashlib.sha256(FILE).hexdigest()


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


def test_a_models_name_means_its_checkpoints_and_each_is_chosen_once():
    names = [entry.name for entry in checkpoints_named(["shap-e/decoder", "shap-e/text300M", "shap-e/decoder"])]
    assert names == ["shap-e/decoder", "clip/ViT-L-14", "shap-e/text300M"]
    assert [entry.name for entry in checkpoints_named(["point-e/upsample"])] == ["point-e/upsample"]
    assert checkpoints_named([]) == list(CHECKPOINTS.values())
    assert REQUIRED_CHECKPOINTS.keys() & CHECKPOINTS.keys()


def test_a_model_that_is_included_has_nothing_to_download(small, tmp_path, capsys):
    assert run(["--dir", str(tmp_path), "fetch", "mini/three-step"]) == 2
    assert "mini/three-step is included" in capsys.readouterr().err


def test_an_unknown_name_is_a_usage_error_that_lists_the_names(small, tmp_path, capsys):
    with pytest.raises(UnknownName):
        checkpoints_named(["test/net", "test/other"])
    for action in ("list", "missing", "fetch", "check", "remove"):
        assert run(["--dir", str(tmp_path), action, "test/other"]) == 2
        assert (
            capsys.readouterr().err == "There is no model or checkpoint test/other. Choose from test/net, test/all.\n"
        )


def test_a_command_line_without_an_action_or_a_name_that_it_needs_is_a_usage_error(capsys):
    for arguments in ([], ["fetch"], ["remove"], ["import"], ["where", "test/net"], ["other"]):
        with pytest.raises(SystemExit) as exited:
            run(arguments)
        assert exited.value.code == 2
        assert "usage: weights.py" in capsys.readouterr().err


def test_the_folder_and_the_mirror_of_the_environment_are_used_unless_others_are_named(
    small, stick, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path / "default"))
    monkeypatch.setenv("BLENDER_TEXT3D_MIRROR", str(stick))
    assert run(["where"]) == OK
    assert run(["--json", "where"]) == OK
    assert run(["--dir", str(tmp_path / "named"), "where"]) == OK
    expected = [str(tmp_path / "default"), json.dumps({"folder": str(tmp_path / "default")}), str(tmp_path / "named")]
    assert capsys.readouterr().out.splitlines() == expected
    assert run(["fetch", "test/net"]) == OK
    assert (tmp_path / "default/test/net.safetensors").read_bytes() == FILE


def test_missing_lists_only_missing_checkpoints(small, stick, tmp_path, capsys):
    kept = ["--dir", str(tmp_path / "kept")]
    assert run([*kept, "missing"]) == FAILED
    assert capsys.readouterr().out.startswith("test/net ")
    run([*kept, "import", str(stick)])
    capsys.readouterr()
    assert run([*kept, "missing"]) == OK
    assert capsys.readouterr().out == ""


def test_the_model_card_is_shown_once_before_the_download_and_not_for_a_local_file(small, stick, tmp_path, capsys):
    arguments = ["--dir", str(tmp_path / "kept"), "--mirror", str(stick), "fetch", "test/net"]
    file = tmp_path / "kept/test/net.safetensors"
    assert run(arguments) == OK
    assert capsys.readouterr().out.splitlines() == [
        "test/net (MIT, https://example.org): Be careful.",
        "test/net: connecting to your folder for net.safetensors",
        f"test/net: {file}",
    ]
    assert run(arguments) == OK
    assert capsys.readouterr().out == f"test/net: {file}\n"
    file.unlink()
    assert run(["--json", *arguments]) == OK
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["stage"] for line in lines] == ["connect", "copy", "verify", "ready"]


def test_a_checkpoint_without_a_source_does_not_keep_the_next(small, stick, tmp_path, capsys, monkeypatch):
    other = Checkpoint("test/other", "", (CheckpointFile("test/other.pt", OFFICIAL, (), 9),), "MIT", "", "")
    monkeypatch.setattr(cli, "CHECKPOINTS", {"test/other": other} | dict(cli.CHECKPOINTS))
    arguments = ["--dir", str(tmp_path / "kept"), "--mirror", str(stick), "fetch", "test/other", "test/net"]
    assert run(arguments) == FAILED
    assert "test/other could not be downloaded" in capsys.readouterr().err
    assert (tmp_path / "kept/test/net.safetensors").exists()


def test_a_check_reads_a_stamped_file_again_and_skips_what_is_missing(small, stick, tmp_path, capsys, monkeypatch):
    kept = ["--dir", str(tmp_path / "kept")]
    assert run([*kept, "check"]) == OK
    assert capsys.readouterr().out == ""
    run([*kept, "import", str(stick)])
    file = tmp_path / "kept/test/net.safetensors"
    stamp_path(file).write_text(stamp_path(file).read_text().replace(SHA256, "0" * 64))
    capsys.readouterr()
    assert run([*kept, "check"]) == OK
    assert capsys.readouterr().out == f"test/net: {file} {SHA256}\n"
    assert SHA256 in stamp_path(file).read_text()
    assert run([*kept, "--json", "check"]) == OK
    ready = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (ready["stage"], ready["checkpoint"], ready["done_bytes"], ready["of_bytes"]) == (
        "ready", "test/net", len(FILE), len(FILE),
    )  # fmt: skip


def test_an_import_is_limited_to_the_named_checkpoints(small, stick, tmp_path, capsys, monkeypatch):
    other = Checkpoint("test/other", "", (CheckpointFile("test/other.pt", OFFICIAL, (), 9),), "MIT", "", "")
    monkeypatch.setattr(cli, "CHECKPOINTS", {"test/other": other} | dict(cli.CHECKPOINTS))
    assert run(["--dir", str(tmp_path / "kept"), "import", str(stick), "test/other"]) == FAILED
    assert capsys.readouterr().err == f"{stick} contains no missing weights.\n"
    assert run(["--dir", str(tmp_path / "kept"), "import", str(stick), "test/all"]) == OK


def test_removing_reports_the_freed_megabytes(small, tmp_path, capsys):
    file = tmp_path / "test/net.safetensors"
    file.parent.mkdir()
    with file.open("wb") as opened:
        opened.truncate(1_234_500_000)
    assert run(["--dir", str(tmp_path), "remove", "test/net"]) == OK
    assert capsys.readouterr().out == "test/net: 1,234 MB freed\n"
    assert run(["--dir", str(tmp_path), "--json", "remove", "test/net"]) == OK
    removed = json.loads(capsys.readouterr().out)
    assert (removed["stage"], removed["done_bytes"], removed["of_bytes"]) == ("removed", 0, 0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(13, "Permission denied", "/disk/net.pt"), "/disk/net.pt cannot be used (Permission denied)."),
        (OSError(5, "Input/output error"), "FOLDER cannot be used (Input/output error)."),
    ],
)
def test_a_folder_that_cannot_be_used_is_named(small, tmp_path, capsys, monkeypatch, error, expected):
    def fail(*_):
        raise error

    monkeypatch.setattr(cli, "remove", fail)
    assert run(["--dir", str(tmp_path), "remove", "test/net"]) == FAILED
    expected = expected.replace("FOLDER", str(tmp_path))
    assert capsys.readouterr().err == f"{expected} Choose another folder with --dir.\n"


def test_a_failed_download_is_exit_code_1(small, tmp_path, capsys, monkeypatch):
    def fail(*_arguments, **_choices):
        raise DownloadFailed("The disk is full.")
        yield

    monkeypatch.setattr(cli, "fetch", fail)
    assert run(["--dir", str(tmp_path), "fetch", "test/net"]) == FAILED
    assert capsys.readouterr().err == "The disk is full.\n"


def test_a_reader_that_exits_early_is_exit_code_130_without_a_message(small, tmp_path, capsys, monkeypatch):
    class Closed(cli.Console):
        def show_folder(self, folder):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", sys.stdout)  # restored after the test
    assert run(["--dir", str(tmp_path), "where"], Closed) == INTERRUPTED == 130
    assert capsys.readouterr().err == ""
    with sys.stdout as stdout:
        assert Path(stdout.name) == Path("/dev/null")
