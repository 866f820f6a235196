# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of findings/: each script can be run, states what it shows and names no registry. None is run here."""

import os
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))


def test_there_are_findings():
    assert SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_finding_has_its_form(script):
    text = script.read_text(encoding="utf-8")
    head = "\n".join(text.splitlines()[1:12])
    assert os.name == "nt" or os.access(script, os.X_OK)
    assert all(re.search(rf"^# {heading}\b.*:", head, flags=re.M) for heading in ("Version", "Behavior", "Output seen"))
    assert "mktemp -d" in text
    assert "trap" in text
    assert not re.search(r"https?://|--index-url|blender_text3d", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_finding_installs_exact_versions(script):
    packages = re.findall(r"pip\"? install ([^\n&|;]*)", script.read_text(encoding="utf-8"))
    named = [word.strip("\"'") for line in packages for word in line.split() if not word.startswith("-")]
    assert named
    assert all("==" in name for name in named)


def test_the_page_lists_every_finding():
    listed = set(re.findall(r"^\| `([\w-]+)`", (FOLDER / "README.md").read_text(encoding="utf-8"), flags=re.M))
    assert listed == {script.stem for script in SCRIPTS}
