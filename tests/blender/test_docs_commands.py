# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the pages that want Blender, run as they stand there, by a `blender` that is this Python's bpy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT_S = 600
DEMO = ["python3", "scripts/demo.py", "a red chair"]
BATCH = "blender -b -P scripts/batch_generate.py -- --prompts-file prompts.txt --out out --format blend,glb,ply"
# Blender's own command line, as far as these commands use it.
BLENDER = """#!{python}
import runpy, sys
import bpy
script = next(sys.argv[place + 1] for place, word in enumerate(sys.argv) if word in ("-P", "--python"))
runpy.run_path(script, run_name="__main__")
"""


@pytest.fixture
def desk(tmp_path) -> Path:
    """A folder as the pages suppose it: the scripts, a file of prompts, blender on PATH, a home that is set up."""
    (tmp_path / "scripts").symlink_to(REPOSITORY / "scripts")
    (tmp_path / "prompts.txt").write_text("# a comment\na blue mug\n", encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/blender").write_text(BLENDER.format(python=sys.executable))
    (tmp_path / "bin/blender").chmod(0o755)
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    (tmp_path / "home").mkdir()
    worker = Path(os.environ["TEXT3D_WORKER_PYTHON"]).absolute()
    (tmp_path / "home/worker-env").symlink_to(worker.parents[2])  # its generations lie side by side
    return tmp_path


def run(desk: Path, command: list[str]) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name != "TEXT3D_WORKER_PYTHON"}
    own = {"PATH": f"{desk / 'bin'}{os.pathsep}{os.environ['PATH']}", "BLENDER_TEXT3D_HOME": str(desk / "home")}
    program = shutil.which(command[0], path=own["PATH"])
    return subprocess.run(
        [program, *command[1:]], cwd=desk, env=kept | own, capture_output=True, text=True, timeout=TIMEOUT_S
    )


def written_on(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def test_the_demo_leaves_a_blender_file_a_model_a_picture_and_a_recording(desk):
    assert 'python3 scripts/demo.py "a red chair"' in written_on("README.md")
    done = run(desk, DEMO)
    assert done.returncode == 0, done.stdout + done.stderr
    made = desk / "text3d-out"
    assert all((made / f"a-red-chair{kind}").stat().st_size > 10_000 for kind in (".blend", ".glb", ".png", ".rrd"))


def test_a_batch_in_blender_writes_each_format(desk):
    assert BATCH in written_on("README.md") and BATCH in written_on("docs/headless-and-batch.md")
    done = run(desk, BATCH.split())
    assert done.returncode == 0 and "1 complete, 0 failed" in done.stdout, done.stdout + done.stderr
    assert {file.suffix for file in (desk / "out").glob("a-blue-mug-*")} == {".blend", ".glb", ".ply"}
