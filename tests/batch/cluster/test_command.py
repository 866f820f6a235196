# SPDX-License-Identifier: GPL-3.0-or-later
"""The command on this machine: Ray on loopback with a token of its own, progress, Ctrl+C, and what is told first."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from blender_text3d.batch.cluster import __main__ as door
from blender_text3d.batch.cluster import ray_library
from blender_text3d.batch.cluster.folder_lock import held
from blender_text3d.batch.object_store import ObjectStore
from scripts.fault_injection.many.drivers import REPOSITORY, worker_python

PROMPTS = [f"a slow chair {number}" for number in range(20)]
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
LISTENING = "0A"
LONGEST_S = 600.0


@pytest.fixture
def chunk(tmp_path):
    """The arguments of a list and a folder."""
    (tmp_path / "chunk.jsonl").write_text("\n".join(json.dumps({"prompt": prompt}) for prompt in PROMPTS))
    return ["--jobs", str(tmp_path / "chunk.jsonl"), "--out", str(tmp_path / "out"), "--steps", "2"]


def can_unshare():
    """True if this machine gives a process a network of its own with only the loopback address."""
    return bool(shutil.which("unshare") and shutil.which("ip")) and not subprocess.call(
        ["unshare", "-rn", "ip", "link", "set", "lo", "up"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def in_own_network(command):
    """Return the command in a network with only the loopback address, where that is possible."""
    if not can_unshare():
        return command
    return ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


def progress(tmp_path):
    try:
        return json.loads((tmp_path / "out/progress.json").read_text())
    except FileNotFoundError:
        return {"state": "", "done": 0, "actors": 0}


def wait_for(condition, process):
    give_up = time.monotonic() + LONGEST_S
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.05)


def listeners(process):
    """Return the addresses, in hexadecimal, on which a process and its descendants listen."""
    inodes = set()
    for one in [process, *process.children(recursive=True)]:
        folder = Path(f"/proc/{one.pid}/fd")
        links = [os.readlink(path) for path in folder.iterdir() if path.is_symlink()]
        inodes |= {link[8:-1] for link in links if link.startswith("socket:[")}
    tables = (Path(f"/proc/{process.pid}/net/{name}").read_text() for name in ("tcp", "tcp6"))
    rows = [line.split() for table in tables for line in table.splitlines()]
    return [row[1].split(":")[0] for row in rows if row[3] == LISTENING and row[9] in inodes]


@pytest.fixture
def command(chunk, tmp_path):
    options = ["--python", str(worker_python(tmp_path)), "--actors", "1", "--json", "--rerun"]
    script = str(REPOSITORY / "scripts/batch_ray.py")
    return [sys.executable, script, *chunk, *options, str(tmp_path / "run.rrd")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_run_listens_on_loopback_only_and_ctrl_c_keeps_what_is_done_for_the_next_one(command, tmp_path):
    variables = os.environ | {"HOME": str(tmp_path)}
    with (tmp_path / "out.txt").open("wb") as out, (tmp_path / "err.txt").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=variables)
        wait_for(lambda: progress(tmp_path)["done"] >= 1, process)
        driver = psutil.Process(process.pid)
        heard, started = listeners(driver), driver.children(recursive=True)
        assert progress(tmp_path)["state"] == "running"
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_S) == 130
    assert len(heard) >= 4
    assert set(heard) <= LOOPBACK
    _, alive = psutil.wait_procs(started, timeout=LONGEST_S)
    assert not alive
    assert not (tmp_path / ".ray").exists()
    made = check_what_is_left(tmp_path)
    check_the_next_run(command, made, tmp_path)


def check_the_next_run(command, made, tmp_path):
    """It makes the rest and nothing twice, and needs no network."""
    done = subprocess.run(in_own_network(command), capture_output=True, text=True, timeout=LONGEST_S)
    assert done.returncode == 0, done.stderr
    last = progress(tmp_path)
    assert (last["state"], last["existed"], last["done"]) == ("finished", len(made), len(PROMPTS) - len(made))
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in made.items())
    assert len(list((tmp_path / "out/objects").iterdir())) == len(PROMPTS)


def check_what_is_left(tmp_path):
    """What is done is there, counted and told, and nothing else is; returns it with its times."""
    last = progress(tmp_path)
    made = list((tmp_path / "out/objects").iterdir())
    assert (last["state"], last["done"], last["running"]) == ("stopped", len(made), 0)
    assert last["done"] + last["waiting"] == last["total"] == len(PROMPTS)
    assert "Run the same command again" in (tmp_path / "err.txt").read_text()
    lines = [json.loads(line) for line in (tmp_path / "out.txt").read_text().splitlines()]
    told = [line for line in lines if "id" in line]
    assert {line["id"] for line in told} == {path.name for path in made}
    assert lines[-1] == last
    assert (tmp_path / "run.rrd").stat().st_size > 1000
    assert not [path for path in (tmp_path / "out/.work").iterdir() if path.is_dir()]
    return {path: path.stat().st_mtime_ns for path in made}


def test_without_ray_the_command_and_the_button_are_named(chunk, monkeypatch, capsys):
    monkeypatch.setattr(ray_library, "RAY_PACKAGE", "no-such-ray")
    assert door.main(chunk) == 2
    text = capsys.readouterr().err
    assert "Ray is not installed in this Python. Press Install Ray in the preferences" in text
    assert "python -m blender_text3d.environment add-part --part cluster" in text


def test_another_version_of_ray_is_refused(chunk, monkeypatch, capsys):
    monkeypatch.setattr(ray_library, "version", lambda name: "2.49.1")
    assert door.main(chunk) == 2
    assert "Ray 2.49.1 is installed, and a run needs 2.60.0 on all machines." in capsys.readouterr().err


def test_a_second_run_of_a_folder_is_refused(chunk, tmp_path, capsys):
    store = ObjectStore(tmp_path / "out")
    with held(store.out, store.work):
        assert door.main(chunk) == 2
    assert f"Another run is filling {store.out}. Wait for it, or create the empty file" in capsys.readouterr().err
    assert not (store.out / "progress.json").exists()


def test_a_list_whose_objects_exist_starts_no_ray(chunk, tmp_path, monkeypatch, capsys):
    (tmp_path / "chunk.jsonl").write_text('{"prompt": "half')
    monkeypatch.setattr("blender_text3d.batch.cluster.command.connected", lambda *_: pytest.fail("started"))
    assert door.main(chunk) == 1
    assert (progress(tmp_path)["state"], progress(tmp_path)["failed"]) == ("finished", 1)
    assert "line 1: The line is not JSON" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--actors=0", "--cores-per-actor=x", "--deadline=0", "--deadline=nan"])
def test_an_option_that_makes_no_sense_is_refused(chunk, option, capsys):
    with pytest.raises(SystemExit):
        door.main([*chunk, option])
    assert option.split("=")[0] in capsys.readouterr().err
