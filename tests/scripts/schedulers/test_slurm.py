# SPDX-License-Identifier: GPL-3.0-or-later
"""The SLURM array script, run with the variables that SLURM sets."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.scripted_python import scripted_python

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPT = REPOSITORY / "scripts" / "schedulers" / "slurm" / "generate_array.sh"
BASH = shutil.which("bash")
ECHO = '#!/bin/sh\necho "$OMP_NUM_THREADS" "$@"\n'

pytestmark = pytest.mark.skipif(not BASH or os.name == "nt", reason="bash is not installed")


def array(number, first=1, last=3, count=None):
    """Return the variables of an array task."""
    values = {"ID": number, "MIN": first, "MAX": last, "COUNT": last - first + 1 if count is None else count}
    return {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in values.items()}


@pytest.fixture
def run(tmp_path):
    """A function that runs the script as SLURM does: a copy of it, in the folder of sbatch."""

    def started(variables, *arguments, python=None):
        script = shutil.copy(SCRIPT, tmp_path / "slurm_script")
        given = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "OMP"))}
        if python is None:
            python = tmp_path / "echo"
            python.write_text(ECHO)
            python.chmod(0o755)
        own = {"TEXT3D_PYTHON": str(python), "SLURM_SUBMIT_DIR": str(REPOSITORY)}
        environment = given | own | variables
        return subprocess.run(
            [BASH, script, *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True
        )

    return started


def test_its_syntax_is_right():
    assert subprocess.run([BASH, "-n", SCRIPT]).returncode == 0
    assert os.access(SCRIPT, os.X_OK)


@pytest.mark.parametrize(("number", "first", "part"), [(1, 1, "1/3"), (3, 1, "3/3"), (0, 0, "1/3"), (6, 5, "2/3")])
def test_a_task_makes_its_part_of_the_list(run, number, first, part):
    result = run(array(number, first, first + 2), "--jobs", "a b.csv", "--out", "out")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f" -B {REPOSITORY}/scripts/generate.py --part {part} --jobs a b.csv --out out\n"


def test_threads_are_the_cpus_of_the_task(run):
    assert run(array(1) | {"SLURM_CPUS_PER_TASK": "4"}).stdout.startswith("4 -B")
    assert run(array(1) | {"SLURM_CPUS_PER_TASK": "4", "OMP_NUM_THREADS": "2"}).stdout.startswith("2 -B")


@pytest.mark.parametrize("name", ["ID", "MIN", "MAX", "COUNT"])
@pytest.mark.parametrize("value", [None, "", "two", "-1", "1; true", "99999999999"])
def test_without_the_variables_of_an_array_it_refuses(run, name, value):
    variables = array(1)
    del variables[f"SLURM_ARRAY_TASK_{name}"]
    result = run(variables | ({} if value is None else {f"SLURM_ARRAY_TASK_{name}": value}))
    assert (result.returncode, result.stdout) == (2, "")
    assert f"SLURM_ARRAY_TASK_{name} is not set to a number. Submit this script with: sbatch --array=" in result.stderr


def test_an_array_with_gaps_is_refused(run):
    result = run(array(7, 3, 7, count=2))
    assert (result.returncode, result.stdout) == (2, "")
    assert "The array has gaps. Submit the whole array again" in result.stderr


def test_a_folder_without_the_program_is_refused(run, tmp_path):
    result = run(array(1) | {"TEXT3D_FOLDER": str(tmp_path)})
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{tmp_path} has no scripts/generate.py." in result.stderr


def test_a_task_makes_the_objects_of_its_part(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("a red chair\na blue mug\na green table\n", encoding="utf-8")
    options = ["--jobs", str(tmp_path / "prompts.txt"), "--out", str(tmp_path / "out")]
    options += ["--python", str(scripted_python(tmp_path))]
    result = run(array(2, 1, 2), *options, python=sys.executable)
    assert result.returncode == 0, result.stderr
    folders = (tmp_path / "out" / "objects").iterdir()
    facts = [json.loads((folder / f"{folder.name}.json").read_text(encoding="utf-8")) for folder in folders]
    assert sorted(values["prompt"] for values in facts) == ["a blue mug", "a green table"]
