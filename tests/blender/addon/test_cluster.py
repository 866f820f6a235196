# SPDX-License-Identifier: GPL-3.0-or-later
"""Send to Cluster: the dialog's run, its progress in the queue, its end, and the next Blender that follows it."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.background import cluster_task as module
from blender_text3d.addon.background.cluster_task import cluster_task
from blender_text3d.addon.panels import main, run
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.run_status import RunStatus
from blender_text3d.protocol.failures import Reason
from tests.blender.recording_layout import RecordingLayout

RUN = f"""#!{sys.executable}
import json, sys, time
from datetime import datetime, UTC
from pathlib import Path
arguments = sys.argv[1:]
out, home = Path(arguments[arguments.index("--out") + 1]), Path(__file__).parent
(home / "arguments.json").write_text(json.dumps(arguments))

def tell(state, **counts):
    values = {{"version": 1, "state": state, "total": 4, "updated_at": datetime.now(UTC).isoformat(), **counts}}
    print(json.dumps(values), flush=True)

tell("running", done=1, objects_per_s=0.5, eta_s=90, actors=2)
while (home / "wait").exists() and not (out / "stop").exists():
    time.sleep(0.02)
if (out / "stop").exists():
    tell("stopped", done=2)
elif (home / "fail").exists():
    print((home / "fail").read_text(), file=sys.stderr)
    sys.exit(2)
else:
    tell("finished", done=3, failed=1)
"""


@pytest.fixture
def home(addon, tmp_path, monkeypatch):
    """The folder of a program in place of the worker's Python, which behaves as a run on a cluster."""
    program = tmp_path / "run" / "python"
    program.parent.mkdir()
    program.write_text(RUN)
    program.chmod(0o755)
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(program))
    addon.prompt, addon.seed, addon.has_random_seed = "a red chair", 7, False
    yield program.parent
    if cluster_task.child is not None and hasattr(cluster_task.child, "kill"):
        cluster_task.child.kill()
    cluster_task.detach()


@pytest.fixture
def in_window(monkeypatch):
    """Operators return at once, as in a window."""
    monkeypatch.setattr("blender_text3d.addon.operators.cluster.wait_for", lambda operator, task: {"FINISHED"})


def arguments(home):
    return json.loads((home / "arguments.json").read_text())


def value_of(flag, home):
    return arguments(home)[arguments(home).index(flag) + 1]


def listed(home):
    return [json.loads(line) for line in Path(value_of("--jobs", home)).read_text().splitlines()]


def poll_until(condition):
    deadline = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        cluster_task.poll()
        time.sleep(0.02)


def test_the_prompt_and_the_panels_settings_are_sent(home, addon):
    addon.quality = "draft"
    assert bpy.ops.text3d.send_to_cluster(count=250) == {"FINISHED"}
    assert [(line["prompt"], line["seed"], line["count"]) for line in listed(home)] == [
        ("a red chair", 7, 100),
        ("a red chair", 107, 100),
        ("a red chair", 207, 50),
    ]
    assert "--quality=draft" in arguments(home)
    assert value_of("--keep-jobs", home) == str(choices().jobs_dir)
    assert "--address" not in arguments(home)
    assert Path(value_of("--out", home)).parent == choices().jobs_dir.parent / "cluster"


def test_a_text_is_sent_with_address_and_folder(home, tmp_path):
    text = bpy.data.texts.new("Props")
    text.write("a red chair\na blue mug\n")
    bpy.ops.text3d.send_to_cluster(
        text="Props", count=2, address=" 10.0.0.5:6379 ", folder=str(tmp_path / "shared")
    )  # fmt: skip
    assert [(line["prompt"], line["count"]) for line in listed(home)] == [("a red chair", 2), ("a blue mug", 2)]
    assert value_of("--address", home) == "10.0.0.5:6379"
    assert Path(value_of("--out", home)).parent == tmp_path / "shared"


def test_the_end_is_told(home):
    bpy.ops.text3d.send_to_cluster(count=4)
    assert list(state.notices) == ["3 objects made, 1 failed. They are among the results."]
    assert not cluster_task.is_running()


def test_why_a_run_could_not_start_is_told_with_its_log(home):
    (home / "fail").write_text("10.0.0.5:6379 does not answer.")
    with pytest.raises(RuntimeError, match=r"10\.0\.0\.5:6379 does not answer\. Kept: 1 object\."):
        bpy.ops.text3d.send_to_cluster(count=4)
    assert state.problem.reason == Reason.CLUSTER
    assert cluster_task.log.is_file()


def test_missing_ray_is_told_with_its_button(home):
    (home / "fail").write_text("Ray is not installed. Run this.")
    with pytest.raises(RuntimeError, match="Ray is not installed"):
        bpy.ops.text3d.send_to_cluster(count=4)
    assert state.problem.reason == Reason.MISSING_RAY


@pytest.mark.parametrize(
    ("choices_made", "message"),
    [
        ({"text": "None such"}, 'There is no text "None such"'),
        ({"text": "Empty"}, 'The text "Empty" is empty'),
        ({"text": "Props", "count": 101}, "at most 100 objects per prompt"),
    ],
)
def test_what_cannot_be_sent_is_told_and_nothing_starts(home, choices_made, message):
    bpy.data.texts.new("Empty")
    bpy.data.texts.new("Props").write("a red chair")
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.text3d.send_to_cluster(**choices_made)
    assert not (home / "arguments.json").exists()


def test_an_empty_prompt_is_told(home, addon):
    addon.prompt = ""
    with pytest.raises(RuntimeError, match="prompt"):
        bpy.ops.text3d.send_to_cluster(count=4)
    assert not (home / "arguments.json").exists()


def test_the_queue_shows_the_progress_and_stops_the_run(home, in_window):
    (home / "wait").touch()
    bpy.ops.text3d.send_to_cluster(count=4)
    poll_until(lambda: cluster_task.status.done == 1)
    layout = RecordingLayout()
    run.draw(layout)
    assert "Cluster  ·  1 of 4" in layout.texts
    assert "0.5 per second  ·  2 min left" in layout.texts
    layout = RecordingLayout()
    main.draw_progress(layout, bpy.context.scene.text3d)
    assert layout.texts[0] == "Cluster  ·  1 of 4"
    assert not bpy.ops.text3d.send_to_cluster.poll()
    bpy.ops.text3d.stop_cluster()
    assert not bpy.ops.text3d.stop_cluster.poll()
    layout = RecordingLayout()
    run.draw(layout)
    assert "Stopping after the running objects" in layout.texts
    poll_until(lambda: not cluster_task.is_running())
    assert cluster_task.status.state == "stopped"
    assert state.problem is None


def test_nothing_is_drawn_without_a_run(home):
    layout = RecordingLayout()
    run.draw(layout)
    assert not layout.texts


def test_the_next_blender_follows_the_run(home, in_window):
    (home / "wait").touch()
    bpy.ops.text3d.send_to_cluster(count=4)
    poll_until(lambda: cluster_task.status.done == 1)
    child, data_dir = cluster_task.child, choices().jobs_dir.parent
    cluster_task.detach()
    assert child.is_alive()
    cluster_task.status = RunStatus("starting")
    cluster_task.find_earlier(data_dir)
    assert cluster_task.is_running()
    assert cluster_task.status.done == 1
    cluster_task.request_stop()
    poll_until(lambda: not cluster_task.is_running())
    assert cluster_task.status.state == "stopped"


@pytest.mark.parametrize("content", ["", "[]", '{"folder": "x", "log": "y"}', '{"folder": "/x", "log": "../y"}', "7"])
def test_a_damaged_note_of_the_newest_run_is_ignored(home, content):
    data_dir = choices().jobs_dir.parent
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / module.REMEMBERED_NAME).write_text(content)
    cluster_task.find_earlier(data_dir)
    assert not cluster_task.is_running()


def test_a_run_that_was_killed_is_not_followed(home):
    data_dir = choices().jobs_dir.parent
    (data_dir / "cluster").mkdir(parents=True)
    (data_dir / module.REMEMBERED_NAME).write_text(json.dumps({"folder": str(data_dir), "log": "run.log"}))
    old = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    line = {"version": 1, "state": "running", "total": 4, "updated_at": old}
    (data_dir / "cluster" / "run.log").write_text(json.dumps(line))
    cluster_task.find_earlier(data_dir)
    assert not cluster_task.is_running()


def test_missing_ray_opens_no_dialog(home, monkeypatch):
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    for name in ("generate.worker_problem", "cluster.environment_problem"):
        monkeypatch.setattr(f"blender_text3d.addon.operators.{name}", lambda chosen: None)
    with pytest.raises(RuntimeError, match="Ray is not installed"):
        bpy.ops.text3d.send_to_cluster(count=4)
    assert state.problem.reason == Reason.MISSING_RAY
