# SPDX-License-Identifier: GPL-3.0-or-later
"""From an empty home and the zip to an object, by mouse and keyboard, clicking only what Blender and the panel offer.

Set Up really downloads, half a gigabyte and at the end 3 more. TEXT3D_BASE_PYTHON names the Python that it builds on,
where the package index of this machine has no build of PyTorch for Blender's own; TEXT3D_TORCH names another build than
the automatic one.
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

RETRY_FOR_S = 300
SET_UP_PATIENCE_S = 2400
JOB_PATIENCE_S = 900
PROMPT_TEXT = "a red chair with white legs"

# Where things stand in Blender 4 and 5.
# Pixels from the screen's top left corner, in the main window.
BESIDE_THE_SPLASH, EDIT_MENU, IN_THE_VIEW = (300, 750), (79, 14), (500, 600)
# Other windows are put here first; what stands in them is counted from their own corner.
CORNER = (100, 60)
GET_EXTENSIONS, ARROW, INSTALL_FROM_DISK = (
    {4: (57, 163), 5: (57, 194)},
    {4: (669, 19), 5: (857, 19)},
    {4: (560, 141), 5: (750, 141)},
)
FIRST_FILE, INSTALL = (346, 82), (1030, 603)
ONLINE_ACCESS = {4: (403, 200), 5: (484, 265)}
SET_UP_AGAIN = {4: (435, 499), 5: (480, 484)}
# From the sidebar's top left corner.
TAB = {4: (278, 170), 5: (278, 245)}
ALLOW, SET_UP = (134, 242), (134, 242)


@pytest.fixture(scope="module")
def user(tmp_path_factory):
    """Blender of somebody whose home holds nothing but the downloaded zip; a screen of their own."""
    own = Screen(Path(os.environ.get("TEXT3D_PICTURES") or tmp_path_factory.mktemp("pictures")))
    home = tmp_path_factory.mktemp("fresh")
    (home / "user").mkdir()
    shutil.copy(os.environ["TEXT3D_ZIP"], home / "user")
    user = BlenderWindow(os.environ["TEXT3D_REAL_BLENDER"], home, own, variables_of_a_new_user(own, home / "user"))
    user.start()
    yield user
    user.close()
    own.close()


def variables_of_a_new_user(screen: Screen, home: Path) -> dict[str, str]:
    """Nothing of Blender's, ours or a desktop's that would point to another folder."""
    kept = {key: text for key, text in screen.variables.items() if not key.startswith(("BLENDER", "TEXT3D", "XDG"))}
    return kept | {"HOME": str(home), "TEXT3D_ONLY_WATCH": "1"}


def click_in_window(user: BlenderWindow, title: str, *places: tuple[int, int]) -> None:
    """Click in a window beside the main one."""
    user.screen.move(title, *CORNER)
    for x, y in places:
        user.click_at(CORNER[0] + x, CORNER[1] + y)


def close_preferences(user: BlenderWindow) -> None:
    user.set(close_window=-1)
    user.wait_for(lambda state: state["windows"] == 1, "the preferences to close", RETRY_FOR_S)
    user.screen.focus("Blender")


def reds(picture: Path) -> int:
    """How many pixels of the 3D view are red."""
    pixels = np.asarray(Image.open(picture).convert("RGB"), np.int32)[30:800, :1000]
    return int((pixels[..., 0] > 1.5 * pixels[..., 1:].max(axis=-1) + 30).sum())


@pytest.fixture(scope="module")
def installed(user):
    """Edit, Preferences, Get Extensions, the arrow, Install from Disk, the zip."""
    version = user.state["version"][0]
    user.screen.shoot_when_still("20-first-start")
    user.click_at(*BESIDE_THE_SPLASH)
    user.click_at(*EDIT_MENU)
    user.press_at(*EDIT_MENU, "p")
    user.wait_for(lambda state: state["windows"] == 2, "the preferences", RETRY_FOR_S)
    click_in_window(user, "Preferences", GET_EXTENSIONS[version], ARROW[version])
    user.screen.shoot_when_still("21-get-extensions")
    click_in_window(user, "Preferences", INSTALL_FROM_DISK[version])
    user.wait_for(lambda state: state["windows"] == 3, "the file browser", RETRY_FOR_S)
    click_in_window(user, "File View", FIRST_FILE)
    user.screen.shoot_when_still("22-the-zip")
    click_in_window(user, "File View", INSTALL)
    user.wait_for(lambda state: "prompt" in state, "the add-on", RETRY_FOR_S)
    user.screen.shoot_when_still("23-installed")
    close_preferences(user)
    return user


@pytest.fixture(scope="module")
def panel(installed):
    """N, and the tab."""
    installed.press_at(*IN_THE_VIEW, "n")
    installed.wait_for(lambda state: state["sidebar"][2] > 100, "the sidebar", RETRY_FOR_S)
    installed.click(*TAB[installed.state["version"][0]])
    installed.wait_for(lambda state: state["is_panel_shown"], "our tab", RETRY_FOR_S)
    installed.screen.shoot_when_still("24-panel")
    return installed


@pytest.fixture(scope="module")
def online(panel):
    """The panel's Allow Online Access, then Blender's own."""
    panel.click(*ALLOW)
    panel.wait_for(lambda state: state["windows"] == 2, "the preferences", RETRY_FOR_S)
    panel.screen.move("Preferences", *CORNER)
    panel.screen.shoot_when_still("25-allow")
    click_in_window(panel, "Preferences", ONLINE_ACCESS[panel.state["version"][0]])
    panel.wait_for(lambda state: state["is_online"], "online access", RETRY_FOR_S)
    close_preferences(panel)
    if python := os.environ.get("TEXT3D_BASE_PYTHON"):
        panel.set(base_python=python)
    if build := os.environ.get("TEXT3D_TORCH"):
        panel.set(torch=build)
    return panel


@pytest.fixture(scope="module")
def set_up(online):
    """(the window, every different piece of news)."""
    online.screen.shoot_when_still("26-set-up")
    online.click(*SET_UP)
    online.wait_for(lambda state: state["set_up"], "Set Up to begin", RETRY_FOR_S)
    news, until = [online.state["set_up"]], time.monotonic() + SET_UP_PATIENCE_S
    while time.monotonic() < until and (now := online.state.get("set_up")):
        if now != news[-1]:
            news.append(now)
            if now["left_s"] and 2e8 < now["done_bytes"] < 1e9:
                online.screen.shoot("27-setting-up")
        time.sleep(0.5)
    online.screen.shoot_when_still("28-set-up-done")
    return online, news


def test_the_zip_is_installed_and_enabled_by_blenders_own_pages(installed):
    assert installed.state["windows"] == 1 and "Traceback" not in installed.log


def test_nothing_was_downloaded_before_it_was_allowed(panel):
    assert not panel.state["is_online"] and not panel.state["set_up"]


def test_set_up_says_how_much_how_fast_and_how_long_and_ends_well(set_up):
    window, news = set_up
    assert window.state["set_up"] == {} and window.state["trouble"] == ""
    assert any(said["done_bytes"] > 1e8 and said["bytes_per_s"] and said["left_s"] for said in news)
    shares = [said["share"] for said in news]
    assert shares == sorted(shares) and shares[-1] > 0.8


def test_a_typed_prompt_becomes_an_object_that_is_seen(set_up):
    window, _ = set_up
    window.click(*PROMPT, times=2)
    window.screen.press("ctrl+a")
    window.screen.type(PROMPT_TEXT)
    window.screen.press("Return")
    window.wait_for(lambda state: state["prompt"] == PROMPT_TEXT, "the prompt to be taken", RETRY_FOR_S)
    window.click(*GENERATE)
    state = window.wait_for(lambda state: finished(state) or state["trouble"], "the object", JOB_PATIENCE_S)
    picture = window.screen.shoot_when_still("29-first-object")
    assert state["trouble"] == "" and finished(state)[0]["vertices"] > 100
    assert reds(picture) > reds(picture.with_name("28-set-up-done.png")) + 500  # a new file's cube would hide it


def test_another_build_is_set_up_again_from_the_preferences(set_up):
    window, _ = set_up
    window.set(torch="default" if os.environ.get("TEXT3D_TORCH") != "default" else "cpu")
    window.set(operate=["text3d.open_preferences", {}])
    window.wait_for(lambda state: state["windows"] == 2, "the preferences", RETRY_FOR_S)
    window.screen.move("Preferences", *CORNER)
    window.screen.shoot_when_still("30-another-build")
    click_in_window(window, "Preferences", SET_UP_AGAIN[window.state["version"][0]])
    window.wait_for(lambda state: state["set_up"], "Set Up to begin again", RETRY_FOR_S)
    state = window.wait_for(lambda state: not state["set_up"], "Set Up to end", SET_UP_PATIENCE_S)
    window.screen.shoot_when_still("31-set-up-again")
    close_preferences(window)
    assert state["trouble"] == ""


def test_blender_printed_no_error_on_the_way(set_up):
    assert "Traceback" not in set_up[0].log
