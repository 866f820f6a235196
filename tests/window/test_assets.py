# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep in Library, the consent to show it, a search in the Asset Browser, and an asset dragged out by the mouse."""

import pytest

from tests.window.test_one_prompt import finished

TIMEOUT_S, JOB_TIMEOUT_S = 60, 300
FIRST_ASSET, IN_VIEW = (60, 70), (500, 640)
"""Places in pixels: of the first asset from the top left corner of the browser, and in the view."""


@pytest.fixture(scope="module")
def library(window, tmp_path_factory):
    """A library folder with a red chair and a blue cup, at their real sizes."""
    folder = tmp_path_factory.mktemp("My Props")
    clear(window)
    window.set(library=str(folder), quality="draft", has_real_size=True)
    for prompt in ("a red chair", "a blue cup"):
        before = len(finished(window.state))
        window.set(prompt=prompt, generate=True)
        window.wait_for(lambda state, n=before: len(finished(state)) > n and not state["jobs"], prompt, JOB_TIMEOUT_S)
    window.set(operate=["object.select_all", {"action": "SELECT"}])
    window.set(operate=["text3d.keep_as_asset", {"library": "FOLDER"}])
    window.wait_for(lambda _: len(list(folder.glob("*.blend"))) == 2, "two files", TIMEOUT_S)
    yield folder
    window.set(browse="", library="", has_real_size=False)


def clear(window):
    """Delete all objects of the scene."""
    window.set(operate=["object.select_all", {"action": "SELECT"}])
    window.set(operate=["object.delete", {}])
    window.wait_for(lambda state: not state["sizes"], "an empty scene", TIMEOUT_S)


def test_the_folder_is_a_library_only_after_consent(window, library):
    assert library.name not in window.state["asset_libraries"]
    window.set(operate=["text3d.add_asset_library", {}, "INVOKE_DEFAULT"])
    window.screen.shoot_when_still("assets-1-consent")
    assert library.name not in window.state["asset_libraries"]
    window.screen.press("Return")
    window.wait_for(lambda state: library.name in state["asset_libraries"], "the library", TIMEOUT_S)


def test_a_search_for_a_tag_finds_it_and_it_is_dragged_out_at_its_real_size(window, library):
    clear(window)
    window.set(browse_assets=[library.name, "mug"])
    state = window.wait_for(lambda state: state["asset_browser"], "the Asset Browser", TIMEOUT_S)
    window.wait_for(lambda now: now["beat"] > state["beat"] + 40, "the library to be read", TIMEOUT_S)
    window.screen.shoot_when_still("assets-2-search")
    ((left, top, _, _),) = window.state["asset_browser"]
    window.screen.drag((left + FIRST_ASSET[0], top + FIRST_ASSET[1]), IN_VIEW)
    state = window.wait_for(lambda state: "a blue cup" in state["sizes"], "the cup in the scene", TIMEOUT_S)
    window.screen.shoot_when_still("assets-3-dragged-out")
    *size, x, y, z = state["sizes"]["a blue cup"]
    assert max(size) == pytest.approx(0.1, rel=1e-3)
    assert (x, y, z) == (1, 1, 1)
    assert "Traceback" not in window.log
