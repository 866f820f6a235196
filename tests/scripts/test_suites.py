# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test file is in a suite, no plain one is in two, and what depends on Blender is in each Blender's."""

import re
from pathlib import Path

import pytest

from scripts.testing.suites import DEPENDS_ON_BLENDER, LIFE_OF_THE_ZIP, REPOSITORY, Suite, all_suites

SUITES = all_suites(Path("extension.zip"))
FILES = [path.relative_to(REPOSITORY).as_posix() for path in sorted((REPOSITORY / "tests").rglob("test_*.py"))]


def is_run_by(suite: Suite, file: str) -> bool:
    """Return True if pytest collects the file for the arguments of the suite."""
    ignored = [path.removeprefix("--ignore=") for path in suite.arguments if path.startswith("--ignore=")]
    named = [path for path in suite.arguments if not path.startswith("-")]
    return any(map(Path(file).is_relative_to, named)) and not any(map(Path(file).is_relative_to, ignored))


IN_EACH = {"blender-4.2", "blender-4.5", "blender-5.0", "blender-5.2"}
SWITCHES = {
    "addon/operators/file_paths.py": "tests/blender/addon/test_export.py",
    "addon/panels/fix_buttons.py": "tests/blender/addon/test_button_operators.py",
}
"""Module with a switch by a version or a feature of Blender → its tests; those of scene are in tests/blender/scene."""


@pytest.mark.parametrize("file", FILES)
def test_a_plain_file_is_in_one_suite_and_blenders_in_each_version_or_the_newest(file):
    suites = {suite.name for suite in SUITES if is_run_by(suite, file)}
    if any(map(Path(file).is_relative_to, DEPENDS_ON_BLENDER)):
        assert suites == IN_EACH
    elif file.startswith("tests/blender/"):
        assert suites == {"blender-5.2"}
    elif file.startswith("tests/extension/"):
        between = {"extension-5.0"} if file in LIFE_OF_THE_ZIP else set()
        assert suites == {"extension-4.2", "extension-5.2"} | between
    else:
        assert len(suites) == 1


def test_every_switch_by_a_version_or_a_feature_of_blender_is_tested_in_each_blender():
    package = REPOSITORY / "blender_text3d"
    switches = {
        path.relative_to(package).as_posix() for path in package.rglob("*.py")
        if re.search(r"app\.version (?:[<>=]=?|in) |hasattr\(bpy\.", path.read_text(encoding="utf-8"))
    }  # fmt: skip
    elsewhere = {file for file in switches if not file.startswith("scene/")}
    assert elsewhere < switches
    assert elsewhere == SWITCHES.keys()
    assert set(SWITCHES.values()) <= set(DEPENDS_ON_BLENDER)
    assert "tests/blender/scene" in DEPENDS_ON_BLENDER


def test_all_tests_are_run_inside_each_blender_on_request():
    suites = [suite for suite in all_suites(Path("extension.zip"), all_in_each_blender=True) if suite.name in IN_EACH]
    assert len(suites) == len(IN_EACH)
    for file in FILES:
        assert {is_run_by(suite, file) for suite in suites} == {file.startswith("tests/blender/")}


def test_every_path_of_a_suite_exists():
    paths = [path.removeprefix("--ignore=") for suite in SUITES for path in suite.arguments]
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []
