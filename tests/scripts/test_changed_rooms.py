# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
from types import SimpleNamespace

import pytest

from scripts.testing import changed_rooms as rooms


def test_a_room_has_the_tests_that_mirror_it():
    assert rooms.tests_of(["engine/diffusion"]) == (["tests/test_imports.py", "tests/engine/diffusion"], [])


def test_rooms_that_need_blender_are_tested_in_it():
    plain, blender = rooms.tests_of(["scene", "protocol"])
    assert blender == ["tests/blender/scene"]
    assert "tests/protocol" in plain


def test_a_room_without_tests_of_its_own_has_those_above_it():
    assert rooms.tests_of(["engine/weights/download"])[0][-1] == "tests/engine/weights"


def test_an_unknown_room_is_refused_with_its_name():
    with pytest.raises(SystemExit, match="no room 'kitchen'"):
        rooms.tests_of(["kitchen"])


def test_changed_files_and_changed_tests_name_their_rooms(monkeypatch):
    lines = (
        " M blender_text3d/engine/diffusion/solvers.py",
        "?? tests/protocol/test_new.py",
        " M tests/blender/scene/test_bake.py",
        " M README.md",
        " M tests/engine/weights/conftest.py",
    )
    done = SimpleNamespace(stdout="\n".join(lines))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert rooms.changed_rooms() == ["engine/diffusion", "engine/weights", "protocol", "scene"]


def test_every_room_has_tests():
    package = rooms.REPOSITORY / "blender_text3d"
    names = sorted(folder.name for folder in package.iterdir() if (folder / "__init__.py").exists())
    plain, blender = rooms.tests_of(names)
    assert len(plain) + len(blender) == len(names) + 1
