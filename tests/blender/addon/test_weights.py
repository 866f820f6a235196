# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the official models from inside Blender: listed, downloaded, imported and removed by a child."""

import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.weights_task import weights_task
from blender_text3d.addon.panels import weights
from blender_text3d.addon.state.session_state import state
from blender_text3d.addon.state.weight_files import Transfer
from blender_text3d.protocol.job_folder import JobFolder
from tests.blender import small_catalogue
from tests.blender.recording_layout import RecordingLayout, drawn
from tests.engine.weights.faulty_server import FaultyServer, error_page, serve

MODEL = "shap-e/text300M"
ALL_BYTES = sum(len(small_catalogue.body(name)) for name in small_catalogue.NAMES)


@pytest.fixture
def server():
    server = FaultyServer()
    for name in small_catalogue.NAMES:
        server.put("/" + small_catalogue.path(name), small_catalogue.body(name))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.ending.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def official(addon, server, tmp_path, monkeypatch):
    """The panel with Shap-E chosen, a Python that has the small test catalogue, and online access."""
    program = tmp_path / "weights-python"
    script = Path(small_catalogue.__file__)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "{server.url}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(program))
    for name in ("BLENDER_TEXT3D_MIRROR", "BLENDER_TEXT3D_WEIGHTS", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    bpy.context.preferences.system.use_online_access = True
    addon.model = MODEL
    bpy.ops.text3d.find_weights()
    yield addon
    weights_task.stop()
    bpy.context.preferences.system.use_online_access = False


@pytest.fixture
def weights_dir(tmp_path):
    return tmp_path / "data" / "weights"


@pytest.fixture
def stick(tmp_path):
    """A folder with all the files."""
    for name in small_catalogue.NAMES:
        file = tmp_path / "stick" / small_catalogue.path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(small_catalogue.body(name))
    return tmp_path / "stick"


class Trickle:
    """Send 20 kB every 0.05 s."""

    def __init__(self, file):
        self.file = file

    def write(self, data):
        for start in range(0, len(data), 20_000):
            self.file.write(data[start : start + 20_000])
            self.file.flush()
            time.sleep(0.05 if len(data) > 20_000 else 0)

    def __getattr__(self, name):
        return getattr(self.file, name)


def slowly(handler, body):
    handler.wfile = Trickle(handler.wfile)
    serve(handler, body)


def start_download():
    """Start a download without waiting, as the button does with a window."""
    weights_task.start(
        Transfer("Downloading", MODEL, {file.name: file.size_bytes for file in weights_task.missing(MODEL)}),
        "fetch",
        MODEL,
    )


def look_until(holds, within_s=600.0):
    give_up = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < give_up, "it did not happen in time"
        weights_task.poll()
        time.sleep(0.02)


def refused(call, **choices):
    """Return the error of a refused operator."""
    with pytest.raises(RuntimeError) as caught:
        call(**choices)
    return str(caught.value)


def dialog() -> RecordingLayout:
    """Return what the popover of Download… draws."""
    layout = RecordingLayout()
    weights.TEXT3D_PT_download.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout


def test_missing_files_take_one_line_of_the_panel_with_size_license_and_download(official):
    text = drawn()
    assert "Needs 1 MB · MIT\nDownload…" in text
    assert not any(name in text for name in small_catalogue.NAMES)
    assert "License" not in text


def test_the_dialog_lists_missing_files_with_sizes_licenses_and_warnings(official):
    layout = dialog()
    text = "\n".join(layout.texts)
    for name in small_catalogue.NAMES:
        assert name in text
    assert "Total\n1 MB" in text
    assert "Download 1 MB" in text
    (fetch,) = [button for button in layout.buttons if button.identifier == "TEXT3D_OT_fetch_weights"]
    assert fetch.values == {"model": MODEL}
    assert "License: MIT (CLIP)" in text
    assert "Be careful with shap-e." in text.replace("\n", " ")
    assert "Online access" not in text


def test_a_mini_model_asks_for_no_files(official, server):
    official.model = "mini/shap-e"
    assert "Download" not in drawn()
    assert "Import from Folder" not in drawn()
    assert "needs no downloads" in refused(bpy.ops.text3d.fetch_weights)
    assert server.requests == []


def test_no_request_is_sent_before_a_click(official, server):
    drawn()
    bpy.ops.text3d.find_weights()
    assert server.requests == []


def test_one_click_downloads_all_files_of_the_model(official, weights_dir):
    assert bpy.ops.text3d.fetch_weights() == {"FINISHED"}
    for name in small_catalogue.NAMES:
        assert (weights_dir / small_catalogue.path(name)).read_bytes() == small_catalogue.body(name)
    assert weights_task.missing(MODEL) == []
    assert "lacks" not in drawn()


def test_without_online_access_nothing_is_downloaded_and_the_preference_is_named(official, server):
    bpy.context.preferences.system.use_online_access = False
    assert "Allow it in Preferences > System > Network" in refused(bpy.ops.text3d.fetch_weights)
    layout = dialog()
    assert "Online access is off." in layout.texts
    identifiers = [button.identifier for button in layout.buttons]
    assert identifiers[-2:] == ["EXTENSIONS_OT_userpref_allow_online", "TEXT3D_OT_import_weights"]
    assert "TEXT3D_OT_fetch_weights" not in identifiers
    assert server.requests == []


def test_the_panel_shows_bytes_speed_and_time_left_during_a_download(official, server):
    for name in small_catalogue.NAMES:
        server.faults["/" + small_catalogue.path(name)] = [slowly]
    start_download()
    look_until(lambda: weights_task.transfer.share > 0.2 and weights_task.transfer.bytes_per_s > 0)
    text = drawn()
    assert "kB of 1 MB" in text
    assert "Downloading " in text
    assert "kB/s" in text
    assert "left" in text
    assert not bpy.ops.text3d.fetch_weights.poll()
    look_until(lambda: not weights_task.is_running())
    assert weights_task.transfer.share == 1.0
    assert state.problem is None


def test_cancel_keeps_the_partial_file_and_the_next_download_resumes(official, server):
    path = "/" + small_catalogue.path(small_catalogue.NAMES[0])
    server.faults[path] = [slowly]
    start_download()
    look_until(lambda: weights_task.transfer.share > 0.1)
    assert bpy.ops.text3d.stop_weights() == {"FINISHED"}
    weights_task.wait()
    assert not weights_task.is_running()
    assert state.problem is None
    come = weights_task.missing(MODEL)[0].received_bytes
    assert come > 40_000
    assert f"Downloaded\n{come / 1e3:,.0f} kB" in "\n".join(dialog().texts)
    bpy.ops.text3d.fetch_weights()
    assert server.ranges(path) == [None, f"bytes={come}-"]
    assert weights_task.missing(MODEL) == []


def test_a_failure_names_each_source_and_carries_the_button(official, server):
    server.faults["/" + small_catalogue.path("shap-e/decoder")] = [error_page]
    message = refused(bpy.ops.text3d.fetch_weights)
    assert "shap-e/decoder could not be downloaded: the test's server sent a file" in message
    assert [file.name for file in weights_task.missing(MODEL)] == ["shap-e/decoder"]
    assert state.problem.buttons == ("fetch", "import")
    assert "Import…" in drawn()


def test_a_child_that_crashes_is_reported_with_its_last_output(official, tmp_path, monkeypatch):
    program = tmp_path / "broken-python"
    program.write_text("#!/bin/sh\necho no such module\nexit 7\n")
    program.chmod(0o755)
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(program))
    message = refused(bpy.ops.text3d.fetch_weights)
    assert "exit code 7" in message
    assert "no such module" in message


def test_a_folder_is_imported_without_the_network(official, server, stick):
    bpy.context.preferences.system.use_online_access = False
    assert bpy.ops.text3d.import_weights(directory=str(stick), model=MODEL) == {"FINISHED"}
    assert weights_task.missing(MODEL) == []
    assert server.requests == []


def test_a_folder_without_the_files_is_reported(official, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "contains no missing weights" in refused(bpy.ops.text3d.import_weights, directory=str(tmp_path / "empty"))


def test_a_broken_file_in_the_folder_is_named(official, stick):
    (stick / small_catalogue.path("clip/ViT-L-14")).write_bytes(b"no weights at all, but some bytes")
    for name in small_catalogue.NAMES[1:]:
        (stick / small_catalogue.path(name)).unlink()
    message = refused(bpy.ops.text3d.import_weights, directory=str(stick))
    assert "wrong file" in message
    assert "contains no missing weights" in message


def test_a_removed_file_is_missing(official, stick, weights_dir):
    bpy.ops.text3d.import_weights(directory=str(stick))
    bpy.ops.text3d.remove_weights(name="shap-e/decoder")
    assert [file.name for file in weights_task.missing(MODEL)] == ["shap-e/decoder"]
    assert not [
        file for file in (weights_dir / "shap-e").iterdir() if "decoder" in file.name and file.suffix != ".lock"
    ]


def test_the_preferences_list_local_files_with_a_button_to_remove_each(official, stick):
    bpy.ops.text3d.import_weights(directory=str(stick), model="shap-e/image300M")
    layout = RecordingLayout()
    weights.draw_preferences(layout, bpy.context)
    removals = [button.values["name"] for button in layout.buttons if button.identifier == "TEXT3D_OT_remove_weights"]
    assert removals == ["clip/ViT-L-14", "shap-e/decoder"]
    assert "Needs 400 kB · MIT" in layout.texts


def test_a_job_without_its_files_offers_to_download_them(official, start_job, drive):
    (job,) = start_job("lacks files", model="mini/shap-e")
    official.model = "mini/shap-e"
    fail_for_want_of_files(job)
    drive(lambda: not state.jobs)
    assert state.problem.reason == "weights"
    assert "terminal" not in str(state.problem)
    layout = RecordingLayout()
    drawn(layout)
    (popover,) = [button.values for button in layout.buttons if button.identifier == "WM_OT_call_panel"]
    assert popover["name"] == "TEXT3D_PT_download"


def fail_for_want_of_files(job):
    """End a job as a worker without the files does."""
    from blender_text3d.protocol.events import Failed

    fix = "Run python3 scripts/weights.py fetch x in a terminal, or choose Mini models."
    JobFolder(job.folder.path).append(Failed(message="Weights are missing: x (1 GB).", reason="weights", fix=fix))


def test_a_download_clears_the_problem_that_it_fixes(official, server):
    from blender_text3d.addon.state.problem import Problem

    state.problem = Problem("Weights are missing.", reason="weights", model=MODEL)
    start_download()
    look_until(lambda: not weights_task.is_running())
    assert state.problem is None


def test_the_add_on_can_be_disabled_during_a_download_which_completes(official, server, weights_dir):
    import blender_text3d

    for name in small_catalogue.NAMES:
        server.faults["/" + small_catalogue.path(name)] = [slowly]
    start_download()
    child = weights_task.child
    blender_text3d.unregister()
    blender_text3d.register()
    assert not weights_task.is_running()
    child._process.wait(timeout=60)
    bpy.ops.text3d.find_weights()
    assert weights_task.missing(MODEL) == []


def test_a_panel_reads_the_file_state_once_and_not_while_drawing(official, monkeypatch):
    timers = []
    with monkeypatch.context() as patch:
        patch.setattr(weights_task, "known", {})
        patch.setattr("blender_text3d.addon.background.weights_task.bpy", SimpleNamespace(app=WindowedApp(timers)))
        for _ in range(3):
            weights_task.want_list()
    assert timers == [weights_task.refresh]


class WindowedApp:
    """A stand-in for bpy.app with a window."""

    background = False

    def __init__(self, timers):
        self.timers = SimpleNamespace(register=lambda do, first_interval: timers.append(do))
