# SPDX-License-Identifier: GPL-3.0-or-later
"""A release has a zip, its checksum and its notes, and is refused if something is missing."""

import hashlib
import sys

import pytest

from blender_text3d.protocol.version import ENGINE_VERSION
from scripts.release import make_release
from scripts.release.make_release import common_version, release_notes, versions, write_release

CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-24

### Added

- A feature.

## [0.1.0] - 2026-11-28

- The first version.

[0.1.0]: https://example.org
"""


def test_the_notes_are_the_section_of_the_version():
    assert release_notes(CHANGELOG, "0.2.0") == "### Added\n\n- A feature.\n"
    assert release_notes(CHANGELOG, "0.1.0") == "- The first version.\n"


@pytest.mark.parametrize("version", ["0.3.0", "0.2", "0x1.0"])
def test_a_version_without_a_section_is_refused(version):
    with pytest.raises(ValueError, match="has no section"):
        release_notes(CHANGELOG, version)


def test_a_section_without_text_or_date_is_refused():
    with pytest.raises(ValueError, match="is empty"):
        release_notes("## [1.0.0] - 2026-01-01\n\n## [0.1.0] - 2026-01-01\n\n- Text.\n", "1.0.0")
    with pytest.raises(ValueError, match="has no section"):
        release_notes("## [1.0.0]\n\n- Text.\n", "1.0.0")


def test_different_versions_are_refused_and_named():
    with pytest.raises(ValueError, match=r"0\.1\.0 in a, 0\.2\.0 in b"):
        common_version({"a": "0.1.0", "b": "0.2.0"})
    assert common_version(versions()) == ENGINE_VERSION


def test_a_release_is_a_zip_a_checksum_and_notes(tmp_path):
    zip_path, checksum_path, notes_path = write_release(tmp_path, "0.1.0", "- The first version.\n")
    digest, name = checksum_path.read_text().split()
    assert (name, digest) == (zip_path.name, hashlib.sha256(zip_path.read_bytes()).hexdigest())
    assert checksum_path.name == zip_path.name + ".sha256"
    assert notes_path.name == "release-notes-0.1.0.md"
    assert notes_path.read_text() == "- The first version.\n"


def test_a_refused_release_writes_nothing_and_prints_why(tmp_path, monkeypatch, capsys):
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n")
    monkeypatch.setattr(make_release, "CHANGELOG", tmp_path / "CHANGELOG.md")
    monkeypatch.setattr(sys, "argv", ["make_release.py", "--out", str(tmp_path / "dist")])
    assert make_release.main() == 1
    assert f"no section `## [{ENGINE_VERSION}] - DATE`" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()
