# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that are not as they should be: a full disk, no weights or others, clocks and names that are the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from blender_text3d.batch import weights_identity, weights_notice
from blender_text3d.batch.__main__ import main
from blender_text3d.system import file_lock
from blender_text3d.system.file_lock import FileLock
from tests.worker.scripted_python import scripted_python

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "blender_text3d.batch"]
ANOTHER_MACHINE = ["unshare", "--map-root-user", "--uts", "--pid", "--fork", "--mount-proc", "sh", "-c"]
"""A process in these has the host name and the process IDs of another machine."""
OWN_DISK = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
FILL_AND_MAKE_AGAIN = """
mount -t tmpfs -o size=%dk tmpfs "$1" && shift && "$@"; echo "first $?"
mount -o remount,size=64m "$OUT" && ls "$OUT/objects" && "$@"; echo "second $?"
"""


def is_allowed(*command: str) -> bool:
    return bool(shutil.which("unshare")) and not subprocess.run(command, capture_output=True).returncode


@pytest.fixture
def chunk(tmp_path):
    """A function that writes a list of prompts and returns the options that make it with the scripted engine."""

    def options(*prompts, **others):
        lines = [json.dumps({"prompt": prompt, **others}) for prompt in prompts]
        (tmp_path / "chunk.jsonl").write_text("\n".join(lines))
        out, python = tmp_path / "out", scripted_python(tmp_path)
        return ["--jobs", str(tmp_path / "chunk.jsonl"), "--out", str(out), "--python", str(python)]

    return options


def test_a_machine_without_the_weights_makes_nothing_and_blames_no_object(chunk, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(weights_identity, "default_weights_dir", lambda: tmp_path / "none")
    weights_identity.checkpoint_sha256.cache_clear()
    assert main(chunk("a red chair", model="shap-e/text300M")) == 1
    weights_identity.checkpoint_sha256.cache_clear()
    error = capsys.readouterr().err
    assert "shap-e/text300M" in error
    assert "are not on this machine. Run python3 scripts/weights.py fetch" in error
    assert not (tmp_path / "out" / "failed.jsonl").exists()
    assert list((tmp_path / "out" / "objects").iterdir()) == []


def test_a_machine_with_other_weights_is_told(chunk, tmp_path, monkeypatch, capsys):
    options = chunk("a red chair")
    for _ in range(2):
        assert main(options) == 0
        assert "other weights" not in capsys.readouterr().err
    (tmp_path / "own.safetensors").write_bytes(b"others")
    with monkeypatch.context() as patch:
        patch.setitem(weights_identity.MINI_FILES, "mini/shap-e", (tmp_path / "own.safetensors",))
        assert main(options) == 0
        error = capsys.readouterr().err
    assert "were made with other weights of mini/shap-e than this machine has" in error
    assert "1 made, 0 existed" in error
    assert main(options) == 0
    assert "other weights" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"[]", b'{"mini/shap-e": 5}', b"\xff"])
def test_a_broken_record_of_weights_is_replaced(chunk, tmp_path, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "weights.json").write_bytes(content)
    assert main(chunk("a red chair")) == 0
    assert list(json.loads((tmp_path / "out" / "weights.json").read_text())) == ["mini/shap-e"]


def test_a_clock_of_the_future_makes_nothing_again(chunk, tmp_path, capsys):
    options = [*chunk("a red chair", "a blue mug", "a table"), "--shards", "2"]
    main(options)
    for path in (tmp_path / "out").rglob("*"):
        os.utime(path, (4e9, 4e9))
    capsys.readouterr()
    assert main(options) == 0
    assert "0 made, 3 existed" in capsys.readouterr().err


@pytest.mark.skipif(not is_allowed(*OWN_DISK, "mount -t tmpfs none /mnt"), reason="no own mounts are allowed")
def test_a_full_disk_ends_the_run_and_keeps_what_is_finished(chunk, tmp_path):
    options = chunk(*(f"chair {number}" for number in range(40)))
    (tmp_path / "out").mkdir()
    script = [*OWN_DISK, FILL_AND_MAKE_AGAIN % 700, "sh", tmp_path / "out", *COMMAND, *options]
    environment = os.environ | {"OUT": str(tmp_path / "out")}
    process = subprocess.run(script, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert "first 1\n" in process.stdout, process.stdout[-1500:] + process.stderr[-3000:]
    _, second = process.stdout.split("first 1\n")
    made = second.partition("/")[0].split()
    assert "second 0" in second, process.stderr[-2000:]
    assert "Finished objects are kept" in process.stderr
    assert 0 < len(made) < 40
    assert f"{40 - len(made)} made, {len(made)} existed" in process.stderr


@pytest.mark.skipif(not is_allowed(*ANOTHER_MACHINE, "hostname node"), reason="no own names are allowed")
def test_two_machines_of_one_name_fill_a_folder_without_making_an_object_twice(chunk, tmp_path):
    options = chunk(*(f"chair {number} slow" for number in range(6)))
    command = [*ANOTHER_MACHINE, 'hostname node; echo "$$ $(hostname)"; "$@"', "sh", *COMMAND, *options, "--json"]
    started = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate()[0].splitlines() for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert {lines[0] for lines in outputs} == {"1 node"}
    states = [json.loads(line)["state"] for lines in outputs for line in lines[1:]]
    assert (states.count("made"), len(states)) == (6, 12)
    assert set(states) <= {"made", "exists", "gave way"}
    assert len(list((tmp_path / "out" / "objects").iterdir())) == 6


def test_on_a_drive_without_locks_a_chunk_is_made_packed_and_listed(chunk, tmp_path, monkeypatch, capsys):
    def no_locks(*_, **__):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(file_lock, "try_lock", no_locks)
    options = [*chunk("a red chair", "a blue mug", "a crash"), "--shards", "2"]
    for _ in range(2):
        main(options)
    assert "2 existed, 0 repeated, 1 failed" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").glob("shards/*.tar")] == ["000000.tar"]
    assert parquet.read_metadata(tmp_path / "out" / "manifest.parquet").num_rows == 2
    assert len((tmp_path / "out" / "failed.jsonl").read_text().splitlines()) == 2


def test_a_record_of_weights_is_written_by_one_process_at_a_time(chunk, tmp_path, monkeypatch):
    held = []

    def write(path, content):
        with FileLock(tmp_path / "out" / ".work" / weights_notice.LOCK_NAME) as lock:
            held.append(not lock.try_acquire())

    monkeypatch.setattr(weights_notice, "replace_content", write)
    assert main(chunk("a red chair")) == 0
    assert held == [True]
