# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
from types import SimpleNamespace

import pytest

from scripts.testing import changed_packages as module


def test_a_package_has_the_tests_that_mirror_it():
    assert module.tests_of(["engine/diffusion"]) == (["tests/test_imports.py", "tests/engine/diffusion"], [])


def test_packages_that_need_blender_are_tested_in_it():
    plain, blender = module.tests_of(["scene", "protocol"])
    assert blender == ["tests/blender/scene"]
    assert "tests/protocol" in plain


def test_a_package_without_tests_of_its_own_has_those_above_it():
    assert module.tests_of(["engine/weights/download"])[0][-1] == "tests/engine/weights"


def test_an_unknown_package_is_refused_with_its_name():
    with pytest.raises(SystemExit, match="no subpackage 'kitchen'"):
        module.tests_of(["kitchen"])


def test_changed_files_and_changed_tests_name_their_packages(monkeypatch):
    lines = (
        " M blender_text3d/engine/diffusion/solvers.py",
        "?? tests/protocol/test_new.py",
        " M tests/blender/scene/test_bake.py",
        " M README.md",
        " M tests/engine/weights/conftest.py",
    )
    done = SimpleNamespace(stdout="\n".join(lines))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert module.changed_packages() == ["engine/diffusion", "engine/weights", "protocol", "scene"]


def test_every_package_has_tests():
    package = module.REPOSITORY / "blender_text3d"
    names = sorted(folder.name for folder in package.iterdir() if (folder / "__init__.py").exists())
    plain, blender = module.tests_of(names)
    assert len(plain) + len(blender) == len(names) + 1
