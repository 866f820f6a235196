# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of programs in a terminal whose encoding lacks characters of the user's folder, as is common on Windows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROGRAMS = [
    ["scripts/generate.py", "--help"],
    ["scripts/generate.py", "--prompts-file", "καρέκλες.txt"],
    ["scripts/batch_generate.py", "--help"],
    ["scripts/batch_generate.py", "--prompts-file", "καρέκλες.txt", "--out", "έξοδος"],
    ["scripts/offline_kit.py", "--help"],
    ["scripts/offline_kit.py", "check", "κουτί"],
    ["scripts/doctor.py", "--help"],
    ["scripts/doctor.py"],
    ["scripts/doctor.py", "--report"],
    ["scripts/weights.py", "where"],
    ["scripts/weights.py", "--help"],
    ["scripts/weights.py", "list"],
    ["-m", "blender_text3d.engine.weights", "where"],
    ["-m", "blender_text3d.environment", "--help"],
    ["-m", "blender_text3d.environment", "check"],
    ["-m", "blender_text3d.doctor"],
]


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_a_folder_with_greek_letters_is_printed_in_a_terminal_without_them(program, tmp_path):
    home = tmp_path / "Ελένη"
    home.mkdir()
    changed = {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home), "XDG_DATA_HOME": str(home)}
    inherited = {name: value for name, value in os.environ.items() if name not in ("BLENDER_TEXT3D_HOME", "PYTHONUTF8")}
    done = subprocess.run(
        [sys.executable, *program],
        cwd=REPOSITORY,
        env=inherited | changed | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        timeout=120,
    )
    output = (done.stdout + done.stderr).decode("cp1252")
    assert output.strip()
    assert "Traceback" not in output
    assert "UnicodeEncodeError" not in output
