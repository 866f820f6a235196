#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build a release: the extension's zip, its checksum, and the release notes from docs/CHANGELOG.md.

    python scripts/release/make_release.py [--out dist]

The version must be the same in blender_manifest.toml, pyproject.toml and protocol/version.py, and docs/CHANGELOG.md
must have a section for it, such as `## [0.1.0] - 2026-11-28`.
"""

import argparse
import hashlib
import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.protocol.version import ENGINE_VERSION
from scripts.build_extension import REPOSITORY, build

CHANGELOG = REPOSITORY / "docs" / "CHANGELOG.md"


def main() -> int:
    """Return exit code 0 if the release was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "dist", help="folder for the files (%(default)s)")
    options = parser.parse_args()
    try:
        version = common_version(versions())
        notes = release_notes(CHANGELOG.read_text(encoding="utf-8"), version)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    for path in write_release(options.out, version, notes):
        print(path)
    return 0


def versions() -> dict[str, str]:
    """Return the version in each file that contains it."""
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        "blender_manifest.toml": manifest["version"],
        "pyproject.toml": project["project"]["version"],
        "blender_text3d/protocol/version.py": ENGINE_VERSION,
    }


def common_version(versions: dict[str, str]) -> str:
    """Return the version that all files agree on.

    Raises:
        ValueError: They differ.
    """
    if len(set(versions.values())) > 1:
        listed = ", ".join(f"{version} in {name}" for name, version in versions.items())
        raise ValueError(f"The versions differ: {listed}. Set the same version in all of them.")
    return next(iter(versions.values()))


def release_notes(changelog: str, version: str) -> str:
    """Return a version's section of the changelog, without its heading.

    Args:
        changelog: A text in the format of Keep a Changelog.
        version: The version to release.

    Raises:
        ValueError: There is no section, or it has no date or no text.
    """
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}[ \t]*$"
    if not (match := re.search(heading, changelog, re.MULTILINE)):
        raise ValueError(
            f"docs/CHANGELOG.md has no section `## [{version}] - DATE`. Add one, with the date as YYYY-MM-DD."
        )
    section = re.split(r"^(?:## |\[[^\]\n]+\]: )", changelog[match.end() :], maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not section:
        raise ValueError(f"The section of {version} in docs/CHANGELOG.md is empty. Describe the changes.")
    return section + "\n"


def write_release(out_dir: Path, version: str, notes: str) -> list[Path]:
    """Write the zip, its checksum in the form of sha256sum, and the notes; returns their paths."""
    zip_path = build(out_dir)
    checksum_path = zip_path.with_name(zip_path.name + ".sha256")
    digest = hashlib.sha256(zip_path.read_bytes()).hexdigest()
    checksum_path.write_text(f"{digest}  {zip_path.name}\n", encoding="utf-8", newline="\n")
    notes_path = zip_path.with_name(f"release-notes-{version}.md")
    notes_path.write_text(notes, encoding="utf-8", newline="\n")
    return [zip_path, checksum_path, notes_path]


if __name__ == "__main__":
    sys.exit(main())
