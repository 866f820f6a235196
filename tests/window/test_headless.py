# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Blender without a window, started as in the documentation's terminal commands."""

import os
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BATCH = "-b -P scripts/batch_generate.py -- --prompts-file prompts.txt --out out --format blend,glb,ply"
TIMEOUT_S = 900
COUNT = "import bpy; print('meshes:', [len(m.vertices) > 1000 for m in bpy.data.meshes], len(bpy.data.materials))"


def blender(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    folders = {"BLENDER_USER_RESOURCES": str(folder / "blender"), "BLENDER_TEXT3D_HOME": str(folder / "home")}
    command = [os.environ["TEXT3D_REAL_BLENDER"], *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | folders, capture_output=True, text=True, timeout=TIMEOUT_S
    )


def test_a_batch_writes_each_format_and_a_second_run_generates_nothing(tmp_path):
    assert f"blender {BATCH}" in (REPOSITORY / "docs/headless-and-batch.md").read_text(encoding="utf-8")
    (tmp_path / "scripts").symlink_to(REPOSITORY / "scripts")
    (tmp_path / "prompts.txt").write_text("a blue mug\na red chair\n", encoding="utf-8")
    first = blender(tmp_path, *BATCH.split())
    assert first.returncode == 0, first.stderr
    assert "2 complete, 0 failed" in first.stdout
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").iterdir() if file.suffix != ".json"}
    assert sorted(file.suffix for file in files) == [".blend", ".blend", ".glb", ".glb", ".ply", ".ply"]
    second = blender(tmp_path, *BATCH.split())
    assert second.returncode == 0
    assert second.stdout.count("  exists\n") == 2
    assert files == {file: file.stat().st_mtime_ns for file in files}
    (mug,) = (tmp_path / "out").glob("a-blue-mug-*.blend")
    assert "meshes: [True] 1" in blender(tmp_path, "-b", str(mug), "--python-expr", COUNT).stdout


def test_a_missing_prompts_file_is_reported_with_an_exit_code(tmp_path):
    (tmp_path / "scripts").symlink_to(REPOSITORY / "scripts")
    done = blender(tmp_path, *BATCH.split())
    assert done.returncode == 2
    assert "prompts.txt cannot be read (No such file or directory)" in done.stderr
