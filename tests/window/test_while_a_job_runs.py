# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do in a window while an object forms: more windows, workspaces, quad view, reloading, a newer zip."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from tests.window.test_one_prompt import IMAGE_ROW, finished

RETRY_FOR_S = 300
JOB_PATIENCE_S = 1800
DRAWING_S = 2.0  # software rendering lags behind what Blender knows
STEPS = 1000
BAR = 122 + IMAGE_ROW, 152 + IMAGE_ROW  # rows of pixels in the sidebar between which the bar and its words are


def is_at_work(state):
    return any(job["stage"] == "sample" for job in state.get("jobs", ()))


@pytest.fixture
def job(window):
    """A job that takes long enough, of its own for every test; it is stopped at the end."""
    window.set(model="mini/shap-e", outputs="mesh", image="", prompt="a green car", has_own_sampling=True, steps=STEPS)
    window.set(generate=True)
    state = window.wait_for(is_at_work, "the job", JOB_PATIENCE_S)
    yield state
    if window.state.get("jobs"):
        window.set(operate=["text3d.cancel", {}])
        window.wait_for(lambda state: not state["jobs"], "the job to end", JOB_PATIENCE_S)


def goes_on(window, what):
    """Whether the job is still at work, and further than it was."""
    before = window.state["jobs"][0]["share"]
    state = window.wait_for(
        lambda state: not state["jobs"] or state["jobs"][0]["share"] > before,
        f"the job to go on after {what}",
        RETRY_FOR_S,
    )
    return state["jobs"] != [] and state["trouble"] == ""


def bar(picture, sidebar):
    """Pixels of a window's sidebar where the progress is."""
    left, top, width, _ = sidebar
    pixels = np.asarray(Image.open(picture).convert("RGB"), np.int32)
    return pixels[top + BAR[0] : top + BAR[1], left : left + width - 40]


def changes(window, number, index):
    """Whether the progress in this X window is drawn anew as the job goes on."""
    shots = []
    for name in ("before", "after"):
        shots.append(bar(window.screen.shoot_window(number, f"30-{index}-{name}"), window.state["sidebars"][index]))
        assert goes_on(window, name)
    return np.abs(shots[0] - shots[1]).max() > 50


def test_the_progress_is_drawn_in_two_windows_and_closing_one_loses_nothing(window, job):
    before = window.screen.windows("Blender")
    window.set(operate=["wm.window_new_main", {}])
    window.wait_for(lambda state: state["windows"] == 2, "a second window", RETRY_FOR_S)
    (second,) = set(window.screen.windows("Blender")) - set(before)
    window.set(all_sidebars=True)
    window.wait_for(lambda state: state["tabs"] == ["Text3D"] * 2, "our tab in both windows", RETRY_FOR_S)
    assert goes_on(window, "a second window")
    assert changes(window, second, 1) and changes(window, before[-1], 0)
    window.set(close_window=-1)
    window.wait_for(lambda state: state["windows"] == 1, "the second window to close", RETRY_FOR_S)
    assert goes_on(window, "closing it")


def test_workspaces_a_full_area_quad_view_and_preferences_leave_the_job_alone(window, job):
    for name in ("Modeling", "Shading", "Layout"):
        window.set(workspace=name)
        assert goes_on(window, name)
    for call in ("screen.screen_full_area", "screen.region_quadview"):
        for again in (False, True):
            window.set(operate=[call, {}])
            assert goes_on(window, f"{call} {again=}")
            time.sleep(DRAWING_S)
            window.screen.shoot(f"31-{call.split('_')[-1]}-{again}".lower())
    window.set(operate=["screen.userpref_show", {}])
    window.wait_for(lambda state: state["windows"] == 2, "the preferences", RETRY_FOR_S)
    assert goes_on(window, "the preferences")
    window.set(close_window=-1)
    window.wait_for(lambda state: state["windows"] == 1, "the preferences to close", RETRY_FOR_S)


ZIP = {"filepath": os.environ.get("TEXT3D_ZIP", ""), "repo": "user_default", "enable_on_install": True}
NEWER_ZIP = ["extensions.package_install_files", ZIP]


@pytest.mark.parametrize("call", [["script.reload", {}], NEWER_ZIP], ids=["scripts_reloaded", "zip_installed_again"])
def test_the_add_on_is_loaded_anew_and_the_job_is_offered_once(window, job, call):
    window.set(has_own_sampling=True, steps=STEPS)
    before = len(finished(window.state))
    window.set(operate=call)
    window.wait_for(lambda state: "offers" in state and not state["jobs"], "the add-on to be loaded anew", RETRY_FOR_S)
    window.wait_for(lambda state: state.get("offers") == 1, "the object to be offered", JOB_PATIENCE_S)
    window.screen.shoot_when_still(f"32-offered-{call[0]}")
    window.set(operate=["text3d.import_job", {}])
    state = window.wait_for(lambda state: len(finished(state)) > before, "the object", RETRY_FOR_S)
    assert len(finished(state)) == before + 1 and state["offers"] == 0 and state["trouble"] == ""
    assert finished(state) == state["objects"]  # what showed the progress is gone


def test_blender_printed_no_error_meanwhile(window):
    assert "Traceback" not in window.log and "Error:" not in window.log
