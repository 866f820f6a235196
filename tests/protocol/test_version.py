# SPDX-License-Identifier: GPL-3.0-or-later
import tomllib
from pathlib import Path

from blender_text3d.protocol.version import ENGINE_VERSION

REPOSITORY = Path(__file__).parents[2]


def test_jobs_record_the_version_of_the_extension():
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["version"] == ENGINE_VERSION
