# SPDX-License-Identifier: GPL-3.0-or-later
"""Use of the window while a job runs: more windows, workspaces, quad view, reloading, a newer zip."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from tests.window.test_one_prompt import finished

TIMEOUT_S = 900  # the Shading workspace compiles the shaders of EEVEE, on the CPU
JOB_TIMEOUT_S = 1800
DRAWING_S = 2.0  # software rendering lags behind Blender's state
STEPS, MANY = 1000, 20  # more than even a fast machine generates while a test lasts
BAR = 140, 166  # pixel rows of the progress bar in the sidebar


def is_running(state):
    return any(job["stage"] == "sample" for job in state.get("jobs", ()))


@pytest.fixture
def count():
    """Number of jobs that run one after the other."""
    return 1


@pytest.fixture
def job(window, count):
    """Start long-running jobs for one test and cancel them afterwards."""
    window.set(model="mini/shap-e", outputs="mesh", image="", prompt="a green car", has_own_sampling=True, steps=STEPS)
    window.set(count=count, generate=True)
    state = window.wait_for(is_running, "the job", JOB_TIMEOUT_S)
    yield state
    window.set(count=1)
    if window.state.get("jobs"):
        window.set(operate=["text3d.cancel", {}])
        window.wait_for(lambda state: not state["jobs"], "the jobs to end", JOB_TIMEOUT_S)


def progress(state):
    """Return a value that grows while jobs run one after the other."""
    return -len(state["jobs"]), state["jobs"][0]["share"] if state["jobs"] else 0


def continues(window, what):
    """Return True if a job is still running, and there is progress."""
    before = progress(window.state)
    state = window.wait_for(lambda state: progress(state) > before, f"the job to continue after {what}", TIMEOUT_S)
    return state["jobs"] != [] and state["problem"] == ""


def bar_pixels(screenshot, sidebar):
    """Return the pixels of the progress bar in a window's sidebar."""
    left, top, width, _ = sidebar
    pixels = np.asarray(Image.open(screenshot).convert("RGB"), np.int32)
    return pixels[top + BAR[0] : top + BAR[1], left : left + width - 40]


def is_redrawn(window, window_id, index):
    """Return True if the progress bar in this X window is redrawn while the job runs."""
    screenshots = []
    for name in ("before", "after"):
        screenshots.append(
            bar_pixels(window.screen.shoot_window(window_id, f"30-{index}-{name}"), window.state["sidebars"][index])
        )
        assert continues(window, name)
    return np.abs(screenshots[0] - screenshots[1]).max() > 50


@pytest.mark.parametrize("count", [MANY])
def test_progress_is_drawn_in_two_windows_and_closing_one_loses_nothing(window, job):
    before = window.screen.windows("Blender")
    window.set(operate=["wm.window_new_main", {}])
    window.wait_for(lambda state: state["windows"] == 2, "a second window", TIMEOUT_S)
    (second,) = set(window.screen.windows("Blender")) - set(before)
    window.set(all_sidebars=True)
    window.wait_for(lambda state: state["tabs"] == ["Text3D"] * 2, "the add-on's tab in both windows", TIMEOUT_S)
    assert continues(window, "a second window")
    assert is_redrawn(window, second, 1)
    assert is_redrawn(window, before[-1], 0)
    window.set(close_window=-1)
    window.wait_for(lambda state: state["windows"] == 1, "the second window to close", TIMEOUT_S)
    assert continues(window, "closing it")


@pytest.mark.parametrize("count", [MANY])
def test_workspaces_a_full_area_quad_view_and_preferences_do_not_affect_the_job(window, job):
    for name in ("Modeling", "Shading", "Layout"):
        window.set(workspace=name)
        assert continues(window, name)
    for call in ("screen.screen_full_area", "screen.region_quadview"):
        for is_undo in (False, True):
            window.set(operate=[call, {}])
            assert continues(window, f"{call} {is_undo=}")
            time.sleep(DRAWING_S)
            window.screen.shoot(f"31-{call.split('_')[-1]}-{is_undo}".lower())
    window.set(operate=["screen.userpref_show", {}])
    window.wait_for(lambda state: state["windows"] == 2, "the preferences", TIMEOUT_S)
    assert continues(window, "the preferences")
    window.set(close_window=-1)
    window.wait_for(lambda state: state["windows"] == 1, "the preferences to close", TIMEOUT_S)


ZIP = {"filepath": os.environ.get("TEXT3D_ZIP", ""), "repo": "user_default", "enable_on_install": True}
NEWER_ZIP = ["extensions.package_install_files", ZIP]


@pytest.mark.parametrize("call", [["script.reload", {}], NEWER_ZIP], ids=["scripts_reloaded", "zip_installed_again"])
def test_the_add_on_is_reloaded_and_the_job_is_offered_once(window, job, call):
    window.set(has_own_sampling=True, steps=STEPS)
    before = len(finished(window.state))
    window.set(operate=call)
    window.wait_for(lambda state: "ready" in state and not state["jobs"], "the add-on to be reloaded", TIMEOUT_S)
    window.wait_for(lambda state: state.get("ready") == 1, "the object to be offered", JOB_TIMEOUT_S)
    window.screen.shoot_when_still(f"32-offered-{call[0]}")
    window.set(operate=["text3d.import_job", {}])
    state = window.wait_for(lambda state: len(finished(state)) > before, "the object", TIMEOUT_S)
    assert len(finished(state)) == before + 1
    assert state["ready"] == 0
    assert state["problem"] == ""
    assert finished(state) == state["objects"]  # the preview object is removed


def test_blender_prints_no_error(window):
    assert "Traceback" not in window.log
    assert "Error:" not in window.log
