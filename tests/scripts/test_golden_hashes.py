# SPDX-License-Identifier: GPL-3.0-or-later
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.testing import golden_hashes
from scripts.testing.golden_recipes import BLEND, NAMES, select

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def hashes_file(tmp_path):
    """A function that writes a hashes.json of one recipe."""

    def write(name: str, mesh: str, stage: str = "sample") -> Path:
        path = tmp_path / name
        content = {
            "about": {"torch": "2.13.0"},
            "hashes": {"01": {"mesh.npz": mesh}},
            "facts": {"01": {"stage": stage}},
        }
        path.write_text(json.dumps(content))
        return path

    return write


def test_help_names_the_actions():
    command = [sys.executable, "-m", "scripts.testing.golden_hashes", "--help"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"record", "compare", "list"} <= set(done.stdout.split())


def test_selecting_a_refine_recipe_also_selects_its_first_recipe():
    assert select(["11"]) == ["01-shap-e-draft-mesh", "11-refine-latent-views-stf"]
    assert select([]) == list(NAMES)
    assert select(["30"]) == [BLEND]


def test_another_hash_fails_a_comparison_and_another_fact_does_not(hashes_file, capsys):
    before = hashes_file("before.json", "ab")
    assert golden_hashes.main(["compare", str(before), str(hashes_file("same.json", "ab", "denoise"))]) == 0
    assert "changed /01/stage: 'sample' → 'denoise'" in capsys.readouterr().out
    assert golden_hashes.main(["compare", str(before), str(hashes_file("other.json", "cd"))]) == 1
    assert "hashes: 1 before, 1 changed" in capsys.readouterr().out


def test_inputs_are_the_same_on_every_machine(tmp_path):
    golden_hashes.draw_inputs(tmp_path / "inputs")
    pixels = {path.name: golden_hashes.file_hashes(path)["pixels"][:12] for path in tmp_path.rglob("*.png")}
    assert pixels == {"drawn.png": "eb6d1cffe931", "star.png": "0591da53470b"}


def test_an_output_folder_in_use_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SystemExit, match="is not empty"):
        golden_hashes.record(REPOSITORY, tmp_path, [], None)
