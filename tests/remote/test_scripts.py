"""Scripts with --remote: the same files as here, made on another machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.remote.host import SSH_VARIABLE
from tests.remote.test_check import REAL_PYTHON

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def run(server, tmp_path):
    """A function that runs a script; returns its exit code, output and errors."""

    def run(name, *arguments):
        variables = os.environ | {SSH_VARIABLE: server.write_client_config("none")}
        command = [sys.executable, SCRIPTS / name, *arguments, "--jobs-dir", tmp_path / "jobs"]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=variables, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def test_the_small_model_there_makes_a_glb_here(run, tmp_path):
    python = ("--remote", "there", "--remote-python", REAL_PYTHON)
    code, out, err = run("generate.py", "a red chair", "--quality", "draft", "--seed", "7", "--out", tmp_path / "out",
                         "--format", "glb", *python)  # fmt: skip
    assert (code, err and "Traceback" in err) == (0, False), err
    glb = tmp_path / "out" / "a-red-chair-7.glb"
    assert str(glb) in out
    assert glb.read_bytes()[:4] == b"glTF"
    (job,) = (tmp_path / "jobs").glob("*-a-red-chair-*")
    end = json.loads((job / "events.jsonl").read_text().splitlines()[-1])
    assert (end["kind"], end["faces"] > 500) == ("finished", True)


def test_a_batch_is_made_there(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("a red chair\na blue mug\n")
    code, out, _ = run("batch_generate.py", "--prompts-file", tmp_path / "prompts.txt", "--out", tmp_path / "out",
                       "--remote", "there", "--remote-python", sys.executable)  # fmt: skip
    assert (code, "2 complete, 0 failed" in out) == (0, True)
    first, second = sorted(path.name for path in (tmp_path / "out").glob("*.glb"))
    assert (first.startswith("a-blue-mug-1"), second.startswith("a-red-chair-1")) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--remote", "-oProxyCommand=x"], "expected one argument"),
        (["--remote=-oProxyCommand=x"], "is not a host"),
        (["--remote", "there", "--remote-port", "70000"], "70000 is not a port"),
        (["--remote-port", "22"], "need --remote with a host"),
    ],
)
def test_flags_that_name_no_machine_are_refused_before_a_job_starts(run, tmp_path, arguments, sentence):
    batch = ["batch_generate.py", "--prompts-file", "-", "--out", tmp_path / "out"]
    for script in (["generate.py", "a chair"], batch):
        code, _, err = run(*script, *arguments)
        assert (code, sentence in err) == (2, True), err
    assert not (tmp_path / "jobs").exists() or not list((tmp_path / "jobs").iterdir())
