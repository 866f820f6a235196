# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented commands that need Blender, run verbatim by a `blender` that is this Python's bpy."""

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
# The parts of Blender's command line that these commands use.
BLENDER = """#!{python}
import runpy, sys
import bpy
script = next(sys.argv[index + 1] for index, argument in enumerate(sys.argv) if argument in ("-P", "--python"))
runpy.run_path(script, run_name="__main__")
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder as the documentation assumes: scripts, a prompts file, blender on PATH, a home that is set up."""
    (tmp_path / "scripts").symlink_to(REPOSITORY / "scripts")
    (tmp_path / "prompts.txt").write_text("# a comment\na blue mug\n", encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/blender").write_text(BLENDER.format(python=sys.executable))
    (tmp_path / "bin/blender").chmod(0o755)
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    (tmp_path / "home").mkdir()
    worker = Path(os.environ["TEXT3D_WORKER_PYTHON"]).absolute()
    (tmp_path / "home/worker-env").symlink_to(worker.parents[2])  # its generations are next to each other
    return tmp_path


def run(folder: Path, command: list[str]) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name != "TEXT3D_WORKER_PYTHON"}
    changed = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "BLENDER_TEXT3D_HOME": str(folder / "home")}
    program = shutil.which(command[0], path=changed["PATH"])
    return subprocess.run(
        [program, *command[1:]], cwd=folder, env=inherited | changed, capture_output=True, text=True, timeout=TIMEOUT_S
    )


def page_text(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def test_the_demo_writes_a_blender_file_a_model_an_image_and_a_recording(folder):
    assert 'python3 scripts/demo.py "a red chair"' in page_text("README.md")
    done = run(folder, DEMO)
    assert done.returncode == 0, done.stdout + done.stderr
    out = folder / "text3d-out"
    assert all((out / f"a-red-chair{kind}").stat().st_size > 10_000 for kind in (".blend", ".glb", ".png", ".rrd"))


def test_the_demo_makes_the_object_of_a_view_with_the_small_three_step_model(folder):
    command = [*DEMO, "--model", "mini/three-step"]
    assert 'python3 scripts/demo.py "a red chair" --model mini/three-step' in page_text("docs/models.md")
    done = run(folder, command)
    assert done.returncode == 0, done.stdout + done.stderr
    out = folder / "text3d-out"
    assert "a-red-chair-view.png" in done.stdout
    view = (out / "a-red-chair-view.png").read_bytes()
    assert view[:4] == b"\x89PNG"
    assert (int.from_bytes(view[16:20]), int.from_bytes(view[20:24])) == (64, 64)
    assert all((out / f"a-red-chair{kind}").stat().st_size > 10_000 for kind in (".blend", ".glb", ".png", ".rrd"))


def test_a_batch_in_blender_writes_each_format(folder):
    assert BATCH in page_text("README.md")
    assert BATCH in page_text("docs/headless-and-batch.md")
    done = run(folder, BATCH.split())
    assert done.returncode == 0, done.stderr
    assert "1 complete, 0 failed" in done.stdout
    assert {file.suffix for file in (folder / "out").glob("a-blue-mug-*")} == {".blend", ".glb", ".ply"}
