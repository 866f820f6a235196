# SPDX-License-Identifier: GPL-3.0-or-later
"""The Setup panel: facts about the environment, the button for the next step, and its other buttons."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.disk_usage import disk_usage
from blender_text3d.addon.background.environment_task import environment_task
from blender_text3d.addon.background.weights_task import weights_task
from blender_text3d.addon.operators.fixes import logs_of
from blender_text3d.addon.panels import environment
from blender_text3d.addon.settings.choices import ADDON, choices
from blender_text3d.addon.state.environment_summary import summary_lines, unused_environment
from blender_text3d.addon.state.problem import Problem, environment_problem
from blender_text3d.addon.state.session_state import state
from blender_text3d.addon.state.torch_choices import build_problem
from blender_text3d.addon.state.weight_files import WeightFile
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import log_path, worker_python
from blender_text3d.environment.progress import Progress
from blender_text3d.environment.requirements import WORKER
from blender_text3d.environment.smoke_test_result import FILE_NAME, SmokeTestResult, write_test_result
from blender_text3d.system.user_folders import data_dir, default_data_dir, remember_data_dir
from tests.blender.recording_layout import RecordingLayout

STAMP = SmokeTestResult(
    "3.11.7", "python", "2.13.0+cpu", "CUDA", "Some Card", "0.41.0", "uv 0.13.9", 2_000_000_000, 3.0, ("Note it.",)
)
FILE = WeightFile("shap-e/x", "about", 900_000_000, 0, "", "/x", ("shap-e/text300M",), "MIT", "", "")


@pytest.fixture
def env_dir(addon, tmp_path, monkeypatch):
    """The default environment folder, empty, with online access on."""
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    bpy.context.preferences.system.use_online_access = True
    yield tmp_path / "data" / "worker-env"
    environment_task.stop()
    bpy.context.preferences.system.use_online_access = False


@pytest.fixture
def ready(env_dir):
    """An environment as Set Up creates it; its Python is an empty file."""
    env_dir.mkdir(parents=True)
    write_manifest(env_dir, Manifest("ready", WORKER.sha256, "/usr/bin/python3", "1"))
    python = worker_python(env_dir)
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    return env_dir


def view():
    """Return the text of the Setup panel and the operators of its buttons."""
    layout = RecordingLayout()
    environment.draw_environment(layout, bpy.context)
    return "\n".join(layout.texts).replace("\n", " "), [button.identifier for button in layout.buttons]


def refused(call, **choices):
    with pytest.raises(RuntimeError) as caught:
        call(**choices)
    return str(caught.value)


def test_without_an_environment_the_next_thing_is_set_up(env_dir):
    text, buttons = view()
    assert "needs a one-time setup" in text
    assert "GB (PyTorch, Rerun)" in text
    assert buttons[0] == "TEXT3D_OT_set_up"
    assert "TEXT3D_OT_install_kit" in buttons
    assert "TEXT3D_OT_remove_environment" not in buttons


def test_without_the_network_the_next_thing_is_to_allow_it_or_a_folder(env_dir):
    bpy.context.preferences.system.use_online_access = False
    text, buttons = view()
    assert "Online access is off" in text
    assert buttons[:2] == ["EXTENSIONS_OT_userpref_allow_online", "TEXT3D_OT_install_kit"]
    for call in (bpy.ops.text3d.set_up, bpy.ops.text3d.repair):
        assert "cannot download PyTorch and other packages. Allow it in Preferences > System > Network" in refused(call)
    assert not environment_task.is_running()
    assert not env_dir.exists()


def test_without_a_network_the_environment_is_tested_and_not_changed(ready):
    bpy.context.preferences.system.use_online_access = False
    worker_python(ready).write_text("#!/bin/sh\necho No module named torch\nexit 1\n")
    message = refused(bpy.ops.text3d.repair)
    assert "are installed but do not work. No module named torch. To rebuild it, allow online access" in message
    assert not environment_task.is_running()
    assert "Ready" in view()[0]


def test_the_result_of_the_workers_test_is_shown(ready):
    write_test_result(ready / "1" / FILE_NAME, STAMP)
    text, buttons = view()
    for fact in ("3.11.7, installed by uv 0.13.9", "2.13.0+cpu", "CUDA: Some Card", "0.41.0", "2.00 GB", "Note it."):
        assert fact in text
    more = ("repair", "install_kit", "open_setup_log", "examine", "remove_environment", "add_part", "add_part")
    more = (*more, "results_compact", "results_delete_old")
    assert buttons == [f"TEXT3D_OT_{name}" for name in more]


@pytest.fixture
def prefers(monkeypatch):
    """A function that sets the PyTorch preference as the Setup panel reads it."""

    def prefer(torch, index=""):
        chosen = replace(choices(), torch=torch, torch_index=index)
        monkeypatch.setattr(environment, "choices", lambda: chosen)

    return prefer


@pytest.mark.parametrize(
    ("requested", "build", "now", "is_another"),
    [
        ("auto", "cpu", "auto", False),
        ("auto", "cpu", "cpu", False),  # the same build, now by name
        ("auto", "cpu", "cu130", True),
        ("cu130", "cu130", "auto", True),
        ("cpu", "cpu", "own", True),
        ("own https://mirror", "own", "own", False),
        ("own https://other", "own", "own", True),
        ("", "", "cpu", False),  # of a kit: PyTorch's own version, 2.13.0+cpu, identifies the build
        ("", "", "cu130", True),
        ("", "", "auto", False),
        ("", "", "own", True),
    ],
)
def test_another_build_of_pytorch_than_the_preferences_say_can_be_set_up(
    ready, prefers, monkeypatch, requested, build, now, is_another
):
    monkeypatch.setattr(
        "blender_text3d.environment.installers.torch_build.torch_build", lambda name: "cpu" if name == "auto" else name
    )
    write_test_result(ready / "1" / FILE_NAME, replace(STAMP, requested_build=requested, build=build))
    prefers(now, "https://mirror")
    text, buttons = view()
    assert ("Your preferences need a different build" in text) is is_another
    assert (buttons[0] == "TEXT3D_OT_set_up") is is_another
    assert "Ready" in text


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
@pytest.mark.parametrize(
    ("requested", "build", "is_another"),
    [("auto", "cpu", True), ("", "", True), ("cpu", "cpu", True), ("auto", "cu126", False), ("auto", "default", False)],
)
def test_a_driver_of_nvidias_that_came_after_set_up_is_answered_by_set_up_again(
    ready, prefers, monkeypatch, requested, build, is_another
):
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/nvidia-smi")
    write_test_result(ready / "1" / FILE_NAME, replace(STAMP, requested_build=requested, build=build))
    prefers("auto")
    assert (view()[1][0] == "TEXT3D_OT_set_up") is is_another


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
def test_a_driver_of_nvidias_that_went_away_asks_for_no_new_environment(ready, prefers, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    write_test_result(ready / "1" / FILE_NAME, replace(STAMP, requested_build="auto", build="default"))
    prefers("auto")
    assert "TEXT3D_OT_set_up" not in view()[1]


@pytest.mark.parametrize(("requested", "now", "is_another"), [("", "/p", True), ("/p", "/p", False), ("/p", "", False)])
def test_another_python_in_the_preferences_can_be_set_up(ready, monkeypatch, requested, now, is_another):
    write_test_result(
        ready / "1" / FILE_NAME, replace(STAMP, requested_build="auto", build="cpu", requested_python=requested)
    )
    chosen = replace(choices(), base_python=now)
    monkeypatch.setattr(environment, "choices", lambda: chosen)
    assert ("TEXT3D_OT_set_up" in view()[1]) is is_another


def test_set_up_again_rebuilds_the_environment(ready, monkeypatch):
    started = []
    monkeypatch.setattr(environment_task, "start", lambda chosen, action, kit, part: started.append(action))
    bpy.ops.text3d.set_up(is_anew=True)
    bpy.ops.text3d.set_up()
    assert started == ["renew", "make"]


def test_an_environment_that_was_never_tested_asks_for_it(ready):
    text, buttons = view()
    assert "Not tested" in text
    assert buttons[0] == "TEXT3D_OT_repair"


def test_missing_files_of_the_chosen_model_are_the_next_step(ready, addon, monkeypatch):
    write_test_result(ready / "1" / FILE_NAME, STAMP)
    monkeypatch.setattr(weights_task, "known", {FILE.name: replace(FILE, path="")})
    addon.model = "shap-e/text300M"
    text, buttons = view()
    assert "Download Model (900 MB)" in text
    assert "TEXT3D_OT_fetch_weights" not in buttons  # the popover has it, below the licenses


def test_disk_usage_has_environment_and_models():
    lines = dict(summary_lines(STAMP, [FILE, replace(FILE, name="y", path="", received_bytes=100_000_000)]))
    assert lines["Disk Usage"] == "3.00 GB (environment 2.00 GB, models 1.00 GB)"
    assert lines["Models"] == "2 included, 1 of 2 downloaded"
    assert dict(summary_lines(replace(STAMP, rerun=""), []))["Rerun"] == "Missing, jobs are not recorded"
    for name, message in (("CPU, 8 threads", "CPU, 8 threads"), ("", "CPU")):
        assert dict(summary_lines(replace(STAMP, device="CPU", device_name=name), []))["Device"] == message


def test_progress_has_bytes_speed_and_time_left(env_dir, monkeypatch):
    news = Progress(
        "Installing PyTorch", 0.5, done_bytes=1_500_000_000, of_bytes=2_000_000_000, bytes_per_s=5e6, left_s=80
    )
    monkeypatch.setattr(environment_task, "newest", news)
    monkeypatch.setattr(environment_task, "child", object())
    text, buttons = view()
    monkeypatch.undo()
    assert "TEXT3D_OT_open_setup_log" in buttons
    assert "50%" in text
    assert "Installing PyTorch 1.50 GB of about 2 GB 5 MB/s  ·  80 s left" in text
    assert "TEXT3D_OT_stop_set_up" in buttons
    assert "TEXT3D_OT_set_up" not in buttons


def test_disk_usage_has_jobs_and_the_environment_folder(ready):
    for path, size in (("jobs/a/mesh.npz", 3_000_000), ("jobs/b/deep/x", 1_000_000), ("worker-env/uv/uv", 5_000_000),
                       ("worker-env/0/left.py", 2_000_000), ("worker-code/1/x.py", 500_000)):  # fmt: skip
        file = ready.parent / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as empty:
            empty.truncate(size)
    for _ in disk_usage.add_up(choices()):
        pass
    lines = dict(summary_lines(STAMP, [FILE], disk_usage.known))
    disk_usage.detach()
    assert lines["Jobs"] == "2, 4 MB"
    assert lines["Disk Usage"] == "912 MB (environment 8 MB, models 900 MB, jobs 4 MB)"


def test_sizes_are_added_up_by_a_timer_a_little_at_a_time_and_not_by_the_panel(ready, monkeypatch):
    registered = []
    timers = SimpleNamespace(
        is_registered=lambda function: False, register=lambda function, **_: registered.append(function)
    )
    windowed = SimpleNamespace(app=SimpleNamespace(background=False, timers=timers))
    monkeypatch.setattr("blender_text3d.addon.background.disk_usage.bpy", windowed)
    for _ in range(2):
        disk_usage.request_refresh(choices())
    assert registered == [disk_usage.poll]
    assert disk_usage.known is None
    monkeypatch.setattr("blender_text3d.addon.background.disk_usage.SHARE_OF_TICK_S", 0.0)
    assert disk_usage.poll() == disk_usage.INTERVAL_S
    monkeypatch.setattr("blender_text3d.addon.background.disk_usage.SHARE_OF_TICK_S", 10.0)
    assert disk_usage.poll() is None
    assert disk_usage.known.env_bytes > 0
    disk_usage.request_refresh(choices())
    assert registered == [disk_usage.poll]  # what is known holds for a while
    disk_usage.refresh()
    disk_usage.request_refresh(choices())
    assert len(registered) == 2
    disk_usage.detach()


@pytest.mark.parametrize("is_ready", [False, True])
def test_during_the_setup_of_another_process_the_panel_only_reports_it(env_dir, is_ready):
    env_dir.mkdir(parents=True)
    write_manifest(env_dir, Manifest("ready" if is_ready else "making", WORKER.sha256, "/usr/bin/python3", "1"))
    worker_python(env_dir).parent.mkdir(parents=True)
    worker_python(env_dir).touch()
    with hold_lock(env_dir):
        text, buttons = view()
        problem = environment_problem(choices())
    assert "Another process is setting up" in text
    assert buttons == []
    assert problem is None if is_ready else "setup" not in problem.buttons
    assert "Another process" not in view()[0]


def test_an_unreadable_folder_is_reported_and_the_panel_is_drawn(env_dir, monkeypatch):
    def refuse(env_dir):
        raise PermissionError(13, "Permission denied", str(env_dir))

    monkeypatch.setattr("blender_text3d.addon.state.problem.find_problems", refuse)
    env_dir.mkdir(parents=True)
    text, buttons = view()
    assert "worker-env cannot be read: Permission denied." in text
    assert buttons[0] == "TEXT3D_OT_open_preferences"
    assert "TEXT3D_OT_set_up" not in buttons


def test_a_folder_with_other_files_is_answered_by_another_folder_as_set_up_would_be_refused(env_dir):
    env_dir.mkdir(parents=True)
    (env_dir / "an image.png").touch()
    text, buttons = view()
    assert "contains other files" in text
    assert "Choose Another Folder" in text
    assert buttons[0] == "TEXT3D_OT_open_preferences"
    assert "TEXT3D_OT_set_up" not in buttons
    assert "setup" not in environment_problem(choices()).buttons


UNFIT = [
    ("linux", "own", "", "is empty"),
    ("linux", "own", "/no/such/folder", "is neither an existing folder nor"),
    ("win32", "rocm7.2", "", "is only available on Linux"),
    ("darwin", "rocm7.2", "", "is not available on macOS"),
    ("darwin", "cu130", "", "is not available on macOS"),
    ("darwin", "cpu", "", "is not available on macOS"),
]
FIT = [
    ("linux", "own", "https://my.index/simple", ""),
    ("linux", "own", "/", ""),
    ("linux", "rocm7.2", "", ""),
    ("win32", "cu130", "", ""),
    ("win32", "cpu", "", ""),
    ("darwin", "auto", "", ""),
    ("darwin", "default", "", ""),
]


@pytest.mark.parametrize(("system", "torch", "index", "text"), UNFIT + FIT)
def test_builds_that_cannot_be_had_here_are_known(monkeypatch, system, torch, index, text):
    monkeypatch.setattr(sys, "platform", system)
    message = build_problem(torch, index)
    assert text in message
    assert bool(message) is bool(text)


@pytest.fixture
def preferences(env_dir):
    """The add-on's preferences as Blender stores them for an enabled add-on."""
    entry = bpy.context.preferences.addons.new()
    entry.module = ADDON
    yield entry.preferences
    bpy.context.preferences.addons.remove(entry)


def test_a_build_that_cannot_be_had_is_explained_refused_and_settled_by_one_click(preferences, monkeypatch):
    started = []
    monkeypatch.setattr(environment_task, "start", lambda chosen, action, kit, part: started.append(action))
    preferences.torch = "own"
    text, buttons = view()
    assert "PyTorch Index is empty in the preferences" in text
    assert buttons[0] == "TEXT3D_OT_automatic_build"
    assert "TEXT3D_OT_set_up" not in buttons
    for call in (bpy.ops.text3d.set_up, bpy.ops.text3d.repair):
        assert "is set to a custom index. Choose another PyTorch build" in refused(call)
    assert state.problem.buttons[0] == "automatic"
    assert started == []
    assert bpy.ops.text3d.automatic_build() == {"FINISHED"}
    assert preferences.torch == "auto"
    assert state.problem is None
    assert view()[1][0] == "TEXT3D_OT_set_up"
    preferences.torch = "own"
    bpy.ops.text3d.install_kit(directory="/kit")  # it has a PyTorch of its own
    assert started == ["make"]


@pytest.fixture
def moved(env_dir, tmp_path, monkeypatch):
    """The preferences with a chosen data folder, and a default data folder inside the test's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "usual"))
    monkeypatch.setattr("blender_text3d.system.user_folders._user_data_dir", lambda: tmp_path / "usual")
    monkeypatch.delenv("BLENDER_TEXT3D_HOME")
    (tmp_path / "disk").mkdir()
    return replace(choices(), env_dir=tmp_path / "disk/worker-env", is_moved=True)


def ended_child(child_state):
    """Return a class of setup children that end at once with this progress."""

    class Child:
        def __init__(self, *_, **__):
            pass

        def start(self):
            pass

        def progress(self):
            return Progress("It ended.", 1.0, child_state)

        def remove_output(self):
            pass

    return Child


@pytest.mark.parametrize(("child_state", "is_remembered"), [("failed", False), ("ready", True)])
def test_a_data_folder_is_shared_with_other_blenders_only_after_setup(moved, monkeypatch, child_state, is_remembered):
    monkeypatch.setattr("blender_text3d.addon.background.environment_task.EnvironmentChild", ended_child(child_state))
    environment_task.start(moved, "make")
    assert data_dir() == default_data_dir()
    environment_task.poll()
    assert (data_dir() == moved.env_dir.parent) is is_remembered


def test_a_data_folder_that_cannot_be_shared_is_reported(moved, monkeypatch):
    monkeypatch.setattr("blender_text3d.addon.background.environment_task.EnvironmentChild", ended_child("ready"))
    default_data_dir().parent.write_text("a file in the way")
    state.notices.clear()
    environment_task.start(moved, "make")
    environment_task.poll()
    assert state.problem is None
    assert "is not shared with other Blender versions" in list(state.notices)[-1]
    state.notices.clear()


def test_an_environment_in_the_previous_data_folder_is_shown_with_its_size(moved, monkeypatch):
    old = default_data_dir() / "worker-env"
    (old / "1").mkdir(parents=True)
    write_manifest(old, Manifest("ready", WORKER.sha256, "/usr/bin/python3", "1"))
    write_test_result(old / "1" / FILE_NAME, STAMP)
    assert unused_environment(moved) is None  # other Blenders use it still
    remember_data_dir(moved.env_dir.parent)
    assert unused_environment(moved) == (default_data_dir(), 2_000_000_000)
    layout = RecordingLayout()
    environment.draw_facts(layout, moved, bpy.context)
    message = " ".join(layout.texts).replace("\n", " ")
    assert "still contains an environment of 2.00 GB that is no longer used" in message
    assert "Open Old Folder" in message
    assert unused_environment(replace(moved, is_moved=False)) is None


def test_remove_takes_the_environment_and_leaves_jobs_and_models(ready, tmp_path):
    for name in ("jobs", "weights", "worker-code"):
        (tmp_path / "data" / name).mkdir()
    assert bpy.ops.text3d.remove_environment() == {"FINISHED"}
    assert not ready.exists()
    assert not (tmp_path / "data" / "worker-code").exists()
    assert (tmp_path / "data" / "jobs").exists()
    assert (tmp_path / "data" / "weights").exists()
    assert "needs a one-time setup" in view()[0]


def test_the_idle_worker_exits_before_its_environment_is_removed(ready, monkeypatch):
    done = []
    worker = SimpleNamespace(kill=lambda: done.append("killed"))
    monkeypatch.setattr(state, "session", SimpleNamespace(close=lambda: done.append("closed"), worker=worker))
    monkeypatch.setattr(environment_task, "start", lambda chosen, action, kit, part: done.append(action))
    assert bpy.ops.text3d.remove_environment() == {"FINISHED"}
    assert done == ["closed", "killed", "remove"]
    assert state.session is None
    monkeypatch.setattr(weights_task, "is_running", lambda: True)
    assert not bpy.ops.text3d.remove_environment.poll()


def test_a_folder_without_a_kit_is_refused_even_without_the_network(env_dir, tmp_path):
    bpy.context.preferences.system.use_online_access = False
    message = refused(bpy.ops.text3d.install_kit, directory=str(tmp_path))
    assert "is not an offline kit" in message
    assert "offline_kit.py" in message
    assert not env_dir.exists()


def test_a_python_of_the_users_own_is_tried_and_not_repaired(env_dir, tmp_path, monkeypatch):
    program = tmp_path / "own-python"
    program.write_text("#!/bin/sh\necho No module named torch\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(program))
    assert view()[1][0] == "TEXT3D_OT_repair"
    message = refused(bpy.ops.text3d.repair)
    assert "own-python are installed but do not work. No module named torch" in message
    assert not env_dir.exists()


def test_stopping_leaves_the_environment_that_is_in_use(ready, monkeypatch):
    environment_task.start(choices(), "repair")
    assert not bpy.ops.text3d.set_up.poll()
    assert bpy.ops.text3d.stop_set_up() == {"FINISHED"}
    assert not environment_task.is_running()
    assert worker_python(ready).exists()
    assert state.problem is None
    assert "Ready" in view()[0]


def test_a_set_up_that_was_stopped_and_takes_its_time_is_waited_for(ready, monkeypatch):
    slow = SimpleNamespace(stop=lambda: None, is_alive=lambda: True, remove_output=lambda: None)
    monkeypatch.setattr(environment_task, "child", slow)
    assert bpy.ops.text3d.stop_set_up() == {"FINISHED"}
    text, buttons = view()
    assert "Canceling setup" in text
    assert buttons == []
    assert not bpy.ops.text3d.set_up.poll()
    assert environment_task.poll() == environment_task.INTERVAL_S
    slow.is_alive = lambda: False
    assert environment_task.poll() is None
    assert bpy.ops.text3d.set_up.poll()
    assert "Ready" in view()[0]


class EndedChild:
    """A setup child that has ended."""

    def progress(self):
        return Progress("Done", 1.0, "ready")

    def remove_output(self):
        pass


@pytest.mark.parametrize("was_missing", [True, False])
def test_the_end_of_the_first_setup_shows_the_next_step(ready, was_missing, monkeypatch):
    state.notices.clear()
    monkeypatch.setattr(environment_task, "was_missing", was_missing)
    monkeypatch.setattr(environment_task, "child", EndedChild())
    assert environment_task.poll() is None
    assert not environment_task.is_running()
    assert list(state.notices) == ([environment_task.READY] if was_missing else [])
    state.notices.clear()


def test_the_log_of_a_set_up_that_failed_is_the_set_ups(env_dir, tmp_path):
    failed = Problem("It was not created.", "", "environment")
    assert logs_of(failed)[0] == log_path(choices().env_dir)
    assert logs_of(None)[-1] == log_path(choices().env_dir)
    of_job = Problem("It broke.", "", "internal", job_path=tmp_path)
    assert logs_of(of_job)[0] == tmp_path / "worker.log"
