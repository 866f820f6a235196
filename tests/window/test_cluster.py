# SPDX-License-Identifier: GPL-3.0-or-later
"""Send to Cluster from the menu next to Generate, on the cores of this machine; needs Ray in the worker's Python."""

import os
import subprocess

import pytest

from tests.window.test_one_prompt import GENERATE_MENU

RUN_TIMEOUT_S = 400
OBJECTS = 100
SEND = (345, 235)  # pixels from the top left corner of the sidebar
HAS_RAY = [os.environ.get("TEXT3D_WORKER_PYTHON", ""), "-c", "import ray"]


@pytest.fixture
def panel(window):
    """Blender with settings for fast drafts."""
    if subprocess.run(HAS_RAY, capture_output=True).returncode:
        pytest.skip("the worker's Python has no Ray")
    window.set(
        image="", model="mini/shap-e", quality="draft", has_own_sampling=False, has_random_seed=False, into="NEW"
    )
    window.set(prompt="a red chair", seed=1)
    window.scroll_sidebar(to_end=False)
    return window


def test_a_run_is_sent_followed_and_its_objects_are_results(panel):
    panel.click(*GENERATE_MENU)
    panel.screen.shoot_when_still("80-generate-menu")
    panel.click(*SEND)
    panel.screen.shoot_when_still("81-send-to-cluster")
    panel.screen.press("Return")
    panel.wait_for(lambda state: state["run"]["done"] > 10, "the first objects of a run", RUN_TIMEOUT_S)
    panel.scroll_sidebar(to_end=True)
    panel.screen.shoot("82-run")
    state = panel.wait_for(lambda state: not state["run"]["is_running"], "the end of the run", RUN_TIMEOUT_S)
    assert (state["run"]["state"], state["run"]["done"], state["problem"]) == ("finished", OBJECTS, "")
    panel.screen.shoot_when_still("83-results")
