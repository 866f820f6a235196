# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights' command line as a script and as a module: tables, JSON lines, exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.cli import FAILED, OK

SCRIPT = Path(__file__).parents[2] / "scripts/weights.py"


def script(*arguments, folder):
    command = [sys.executable, SCRIPT, "--dir", folder, *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600)


def test_the_list_has_a_line_for_every_checkpoint_without_a_network(tmp_path):
    done = script("list", folder=tmp_path)
    assert done.returncode == OK
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(CHECKPOINTS)
    assert list(tmp_path.iterdir()) == []


def test_as_json_every_line_is_an_object_with_all_facts(tmp_path):
    lines = [json.loads(line) for line in script("--json", "list", folder=tmp_path).stdout.splitlines()]
    assert {line["name"] for line in lines} == CHECKPOINTS.keys()
    assert all(line["file"] is None and line["warning"] for line in lines)
    assert all(line["license"] == line["licence"] == "MIT" for line in lines)


def test_missing_files_set_the_exit_code(tmp_path):
    done = script("--json", "missing", "shap-e/text300M", folder=tmp_path)
    assert done.returncode == FAILED
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert names == ["clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder"]


def test_the_folder_is_printed(tmp_path):
    assert script("where", folder=tmp_path).stdout.strip() == str(tmp_path)


@pytest.mark.parametrize("arguments", [["fetch"], ["fetch", "nonsense"], ["unknown"], []])
def test_a_usage_error_is_exit_code_2(tmp_path, arguments):
    done = script(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr


def test_the_module_prints_the_same_as_the_script(tmp_path):
    command = [sys.executable, "-m", "blender_text3d.engine.weights", "--dir", str(tmp_path), "--json", "list"]
    module = subprocess.run(command, cwd=SCRIPT.parent.parent, capture_output=True, text=True)
    assert module.stdout == script("--json", "list", folder=tmp_path).stdout
