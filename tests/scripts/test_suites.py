# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test file is in a suite, and no plain one is in two."""

import re
from pathlib import Path

import pytest

from scripts.testing.suites import BETWEEN_OLDEST_AND_NEWEST, NEWEST, OLDEST, REPOSITORY, Suite, all_suites

SUITES = all_suites(Path("extension.zip"))
FILES = [path.relative_to(REPOSITORY).as_posix() for path in sorted((REPOSITORY / "tests").rglob("test_*.py"))]


def is_run_by(suite: Suite, file: str) -> bool:
    """Return True if pytest collects the file for the arguments of the suite."""
    ignored = [path.removeprefix("--ignore=") for path in suite.arguments if path.startswith("--ignore=")]
    named = [path for path in suite.arguments if not path.startswith("-")]
    return any(map(Path(file).is_relative_to, named)) and not any(map(Path(file).is_relative_to, ignored))


@pytest.mark.parametrize("file", FILES)
def test_a_plain_file_is_in_one_suite_and_blenders_in_each_version_or_the_oldest_and_newest(file):
    suites = {suite.name for suite in SUITES if is_run_by(suite, file)}
    if any(map(Path(file).is_relative_to, BETWEEN_OLDEST_AND_NEWEST)):
        assert suites == {"blender-4.2", "blender-4.5", "blender-5.0", "blender-5.2"}
    elif file.startswith("tests/blender/"):
        assert suites == {"blender-4.2", "blender-5.2"}
    elif file.startswith("tests/extension/"):
        assert suites == {"extension-4.2", "extension-5.0", "extension-5.2"}
    else:
        assert len(suites) == 1


def test_the_versions_of_every_switch_are_between_the_oldest_and_the_newest():
    """The tests of what a version switches run on both sides of it, if only in those two."""
    switches = {
        version for file in sorted((REPOSITORY / "blender_text3d").rglob("*.py"))
        for version in re.findall(r"app\.version (?:>=|<) \((\d+), (\d+)", file.read_text(encoding="utf-8"))
    }  # fmt: skip
    oldest, newest = (tuple(map(int, version.split("."))) for version in (OLDEST, NEWEST))
    assert switches
    assert all(oldest < tuple(map(int, version)) <= newest for version in switches), switches


def test_every_path_of_a_suite_exists():
    paths = [path.removeprefix("--ignore=") for suite in SUITES for path in suite.arguments]
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []
