# SPDX-License-Identifier: GPL-3.0-or-later
"""The second walk of docs/walk.md by mouse and keyboard: matching stools, the best, 5,000 faces, an asset, a GLB."""

import json
import struct
import time
from pathlib import Path

import pytest

from tests.window.test_one_prompt import finished
from tests.window.test_walk import keep, open_sheet

MAX_CLICKS = 12
TIMEOUT_S = 120
FACES = 5000

# Positions of controls in pixels: from the top left corner of the sidebar, or its bottom left one once it is scrolled.
MESH_PANEL, FACES_FIELD = (51, 565), (180, 595)
ASSET_PANEL, KEEP_IN_LIBRARY = (51, 598), (150, 651)
EXPORT_PANEL, GAME = (51, 572), (75, 672)


def set_faces(window) -> None:
    """Open the sub-panel Mesh, and type the number of faces."""
    window.click(*MESH_PANEL)
    window.click(*FACES_FIELD, times=2)
    window.screen.press("ctrl+a")
    window.screen.type(str(FACES))
    window.screen.press("Return")
    window.wait_for(
        lambda state: abs(finished(state)[0]["faces_shown"] - FACES) < 0.01 * FACES, "fewer faces", TIMEOUT_S
    )


def keep_in_library(window, folder: Path) -> Path:
    """Keep the object as an asset; return its file."""
    window.scroll_sidebar(to_end=True)
    window.click_above_bottom(*ASSET_PANEL)
    window.scroll_sidebar(to_end=True)
    window.click_above_bottom(*KEEP_IN_LIBRARY)
    window.wait_for(lambda _: list(folder.glob("*.blend")), "the file of the asset", TIMEOUT_S)
    (file,) = folder.glob("*.blend")
    return file


def export_for_a_game(window, path: Path) -> None:
    """Open the sub-panel Export, and type a path into the file browser."""
    window.scroll_sidebar(to_end=True)
    window.click_above_bottom(*EXPORT_PANEL)
    window.scroll_sidebar(to_end=True)
    window.screen.shoot_when_still("asset-walk-3-export")
    window.click_above_bottom(*GAME)
    window.screen.shoot_when_still("asset-walk-4-file")
    window.screen.press("Return")
    window.wait_for(lambda _: path.exists(), "the GLB", TIMEOUT_S)


def glb_document(path: Path) -> dict:
    """Return the JSON part of a GLB file."""
    content = path.read_bytes()
    (length,) = struct.unpack("<I", content[12:16])
    return json.loads(content[20 : 20 + length])


def test_an_asset_for_a_game_takes_at_most_twelve_clicks(window, tmp_path_factory):
    folder = tmp_path_factory.mktemp("My Props")
    window.set(library=str(folder))
    window.clicks, window.screen.shooting_s, since = 0, 0.0, time.monotonic()
    best = finished(open_sheet(window))[2]
    keep(window, best["name"])
    set_faces(window)
    window.screen.shoot_when_still("asset-walk-1-faces")
    asset = keep_in_library(window, folder)
    window.screen.shoot_when_still("asset-walk-2-asset")
    assert asset.stat().st_size > 10_000
    path = Path.home() / f"{best['name']}.glb"
    path.unlink(missing_ok=True)
    export_for_a_game(window, path)
    seconds = time.monotonic() - since - window.screen.shooting_s
    window.screen.shoot_when_still("asset-walk-5-done")
    document = glb_document(path)
    (material,) = document["materials"]
    (primitive,) = document["meshes"][0]["primitives"]
    assert document["accessors"][primitive["indices"]]["count"] == pytest.approx(3 * FACES, rel=0.01)
    assert "baseColorTexture" in material["pbrMetallicRoughness"]
    assert "COLOR_0" not in primitive["attributes"]
    print(f"{window.clicks} clicks, {seconds:.0f} s")
    assert window.clicks <= MAX_CLICKS
    assert "Traceback" not in window.log
