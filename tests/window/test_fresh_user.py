# SPDX-License-Identifier: GPL-3.0-or-later
"""From an empty home folder and the zip to an object, by mouse and keyboard, using only visible controls.

Set Up downloads half a gigabyte, and at the end 3 GB more. TEXT3D_BASE_PYTHON names its base Python, for machines whose
package index has no build of PyTorch for Blender's own Python; TEXT3D_TORCH selects another build than the automatic
one.
"""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.window.blender_window import BlenderWindow
from tests.window.screen import Screen
from tests.window.test_one_prompt import GENERATE, PROMPT, finished

TIMEOUT_S = 300
SETUP_TIMEOUT_S = 2400
JOB_TIMEOUT_S = 900
PROMPT_TEXT = "a red chair with white legs"

# Positions of controls in Blender 4 and 5.
# In the main window: pixels from the screen's top left corner.
OUTSIDE_SPLASH, EDIT_MENU, IN_VIEW = (300, 750), (79, 14), (500, 600)
# Other windows are moved here first; positions in them are relative to their own corner.
CORNER = (100, 60)
GET_EXTENSIONS, ARROW, INSTALL_FROM_DISK = (
    {4: (57, 163), 5: (57, 194)},
    {4: (669, 19), 5: (857, 19)},
    {4: (560, 141), 5: (750, 141)},
)
FIRST_FILE, INSTALL = (346, 82), (1030, 603)
SET_UP_AGAIN = {4: (435, 499), 5: (480, 499)}
# In the sidebar: pixels from its top left corner.
TAB = {4: (278, 170), 5: (278, 245)}
NEXT_STEP = (144, 78)  # Allow Online Access, then Set Up


@pytest.fixture(scope="module")
def user(tmp_path_factory):
    """Blender of a user whose home folder contains only the downloaded zip, on a screen of its own."""
    screen = Screen(Path(os.environ.get("TEXT3D_PICTURES") or tmp_path_factory.mktemp("screenshots")))
    home = tmp_path_factory.mktemp("fresh")
    (home / "user").mkdir()
    shutil.copy(os.environ["TEXT3D_ZIP"], home / "user")
    user = BlenderWindow(os.environ["TEXT3D_REAL_BLENDER"], home, screen, new_user_environment(screen, home / "user"))
    user.start()
    yield user
    user.close()
    screen.close()


def new_user_environment(screen: Screen, home: Path) -> dict[str, str]:
    """Return an environment without variables of Blender, the add-on or a desktop that point to other folders."""
    kept = {key: text for key, text in screen.variables.items() if not key.startswith(("BLENDER", "TEXT3D", "XDG"))}
    return kept | {"HOME": str(home), "TEXT3D_ONLY_WATCH": "1"}


def click_in_window(user: BlenderWindow, title: str, *positions: tuple[int, int]) -> None:
    """Click in a window other than the main one."""
    user.screen.move(title, *CORNER)
    for x, y in positions:
        user.click_at(CORNER[0] + x, CORNER[1] + y)


def close_preferences(user: BlenderWindow) -> None:
    user.set(close_window=-1)
    user.wait_for(lambda state: state["windows"] == 1, "the preferences to close", TIMEOUT_S)
    user.screen.focus("Blender")


def red_pixels(screenshot: Path) -> int:
    """Return the number of red pixels in the 3D view."""
    pixels = np.asarray(Image.open(screenshot).convert("RGB"), np.int32)[30:800, :1000]
    return int((pixels[..., 0] > 1.5 * pixels[..., 1:].max(axis=-1) + 30).sum())


@pytest.fixture(scope="module")
def installed(user):
    """Blender with the zip installed: Edit, Preferences, Get Extensions, the arrow, Install from Disk."""
    version = user.state["version"][0]
    user.screen.shoot_when_still("20-first-start")
    user.click_at(*OUTSIDE_SPLASH)
    user.click_at(*EDIT_MENU)
    user.press_at(*EDIT_MENU, "p")
    user.wait_for(lambda state: state["windows"] == 2, "the preferences", TIMEOUT_S)
    click_in_window(user, "Preferences", GET_EXTENSIONS[version], ARROW[version])
    user.screen.shoot_when_still("21-get-extensions")
    click_in_window(user, "Preferences", INSTALL_FROM_DISK[version])
    user.wait_for(lambda state: state["windows"] == 3, "the file browser", TIMEOUT_S)
    click_in_window(user, "File View", FIRST_FILE)
    user.screen.shoot_when_still("22-the-zip")
    click_in_window(user, "File View", INSTALL)
    user.wait_for(lambda state: "prompt" in state, "the add-on", TIMEOUT_S)
    user.screen.shoot_when_still("23-installed")
    close_preferences(user)
    return user


@pytest.fixture(scope="module")
def panel(installed):
    """Blender with the panel open: N, then the tab."""
    installed.press_at(*IN_VIEW, "n")
    installed.wait_for(lambda state: state["sidebar"][2] > 100, "the sidebar", TIMEOUT_S)
    installed.click(*TAB[installed.state["version"][0]])
    installed.wait_for(lambda state: state["is_panel_shown"], "the add-on's tab", TIMEOUT_S)
    installed.screen.shoot_when_still("24-panel")
    return installed


@pytest.fixture(scope="module")
def online(panel):
    """Blender with online access allowed by the panel's button."""
    panel.click(*NEXT_STEP)
    panel.wait_for(lambda state: state["is_online"], "online access", TIMEOUT_S)
    if python := os.environ.get("TEXT3D_BASE_PYTHON"):
        panel.set(base_python=python)
    if build := os.environ.get("TEXT3D_TORCH"):
        panel.set(torch=build)
    return panel


@pytest.fixture(scope="module")
def set_up(online):
    """(window, distinct progress states) after Set Up has finished."""
    online.screen.shoot_when_still("26-set-up")
    online.click(*NEXT_STEP)
    online.wait_for(lambda state: state["setup"], "Set Up to start", TIMEOUT_S)
    states, until = [online.state["setup"]], time.monotonic() + SETUP_TIMEOUT_S
    while time.monotonic() < until and (now := online.state.get("setup")):
        if now != states[-1]:
            states.append(now)
            if now["left_s"] and 2e8 < now["done_bytes"] < 1e9:
                online.screen.shoot("27-setting-up")
        time.sleep(0.5)
    online.screen.shoot_when_still("28-set-up-done")
    return online, states


def test_the_zip_is_installed_and_enabled_from_blenders_preferences(installed):
    assert installed.state["windows"] == 1
    assert "Traceback" not in installed.log


def test_nothing_is_downloaded_before_online_access_is_allowed(panel):
    assert not panel.state["is_online"]
    assert not panel.state["setup"]


def test_set_up_shows_bytes_speed_and_time_left_and_succeeds(set_up):
    window, states = set_up
    assert window.state["setup"] == {}
    assert window.state["problem"] == ""
    assert any(state["done_bytes"] > 1e8 and state["bytes_per_s"] and state["left_s"] for state in states)
    shares = [state["share"] for state in states]
    assert shares == sorted(shares)
    assert shares[-1] > 0.8


def test_a_typed_prompt_becomes_a_visible_object(set_up):
    window, _ = set_up
    window.click(*PROMPT)
    window.screen.press("ctrl+a")
    window.screen.type(PROMPT_TEXT)
    window.screen.press("Return")
    window.wait_for(lambda state: state["prompt"] == PROMPT_TEXT, "the prompt to be set", TIMEOUT_S)
    window.click(*GENERATE)
    state = window.wait_for(lambda state: finished(state) or state["problem"], "the object", JOB_TIMEOUT_S)
    screenshot = window.screen.shoot_when_still("29-first-object")
    assert state["problem"] == ""
    assert finished(state)[0]["vertices"] > 100
    before = red_pixels(screenshot.with_name("28-set-up-done.png"))
    assert red_pixels(screenshot) > before + 500  # the default cube would hide the object


def test_another_build_is_set_up_again_from_the_preferences(set_up):
    window, _ = set_up
    window.set(torch="default" if os.environ.get("TEXT3D_TORCH") != "default" else "cpu")
    window.set(operate=["text3d.open_preferences", {}])
    window.wait_for(lambda state: state["windows"] == 2, "the preferences", TIMEOUT_S)
    window.screen.move("Preferences", *CORNER)
    window.screen.shoot_when_still("30-another-build")
    click_in_window(window, "Preferences", SET_UP_AGAIN[window.state["version"][0]])
    window.wait_for(lambda state: state["setup"], "Set Up to start again", TIMEOUT_S)
    state = window.wait_for(lambda state: not state["setup"], "Set Up to end", SETUP_TIMEOUT_S)
    window.screen.shoot_when_still("31-set-up-again")
    close_preferences(window)
    assert state["problem"] == ""


def test_blender_prints_no_error(set_up):
    assert "Traceback" not in set_up[0].log
