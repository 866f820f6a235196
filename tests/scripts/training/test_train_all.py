# SPDX-License-Identifier: GPL-3.0-or-later
"""All stages at toy sizes: they run, write the same bytes again, also when they are killed, and mix no devices."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.training.stages.plan import EVALUATION, MODELS, all_stages, plan
from scripts.training.stages.process import environment
from scripts.training.stages.stage import Choices, Write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
TINY, CUDA = Choices(is_tiny=True, cores=1), Choices(is_tiny=True, cores=1, device="cuda")
STAGES = {stage.name: stage for stage in plan([*MODELS, EVALUATION], TINY)}
TRAINERS = [name for name, stage in STAGES.items() if "--steps" in stage.words and "--every" in stage.words
            and not stage.module.startswith("evaluate.point_e")]  # fmt: skip
OTHERS = [name for name in STAGES if name not in TRAINERS and not name.startswith("evaluation.")]
ON_DEVICE = [stage.name for stage in all_stages(CUDA) if "cuda" in stage.words]

KILLED = """
import os, runpy, signal, sys
from scripts.training.train.loop import Training

def report_and_die(self, text, report=Training.report):
    report(self, text)
    if self.steps == 2:
        os.kill(os.getpid(), signal.SIGKILL)

Training.report = report_and_die
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
SIMULATED = """
import json, runpy, sys
import torch
from scripts.testing.simulated_device import simulated_cuda
from scripts.training.train.loop import Training

losses = []

def step_without_gradients(self, loss, samples, step=Training.step):
    parameters = list(self._parameters())
    assert {parameter.device.type for parameter in parameters} == {"cuda"}

    def backward(loss):  # this build of PyTorch cannot differentiate on a device that it lacks
        losses.append((loss.device.type, loss.item()))
        for parameter in parameters:
            parameter.grad = torch.full_like(parameter, 1e-3)

    torch.Tensor.backward = backward
    step(self, loss, samples)

def slopes_of(total, points):  # of a field, within the loss of decoded objects
    assert total.device.type == points.device.type == "cuda"
    return (torch.full_like(points, 10.0),)

Training.step, torch.autograd.grad = step_without_gradients, slopes_of
torch.use_deterministic_algorithms = lambda *arguments, **options: None
sys.argv = sys.argv[1:]
with simulated_cuda():
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
print(json.dumps(losses))
"""


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """The folder of a complete training at toy sizes."""
    folder = tmp_path_factory.mktemp("trained") / "folder"
    done = train_all(folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert f"All {len(STAGES)} stages are done." in done.stdout
    return folder


def train_all(folder):
    command = [sys.executable, "-m", "scripts.training.train_all", folder, "--scale", "tiny", "--cores", "1"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=7200)


def run_stage(folder, out, stage, program=None, **options):
    """Run a stage's module, or a program with it, with other paths for its outputs; return what it did."""
    paths = {path: out / Path(path).name for path in stage.outputs}
    words = [str(paths[value] if isinstance(value, Write) else value) for value in stage.arguments]
    for option, value in options.items():
        words[words.index(f"--{option}") + 1] = str(value)
    start = ["-c", program] if program else ["-m"]
    command = [sys.executable, "-P", *start, f"scripts.training.{stage.module}", *words]
    return subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=1800)


def assert_equal_outputs(folder, out, stage):
    for path in stage.outputs:
        files = [folder / path] if (folder / path).is_file() else sorted((folder / path).rglob("*.*"))
        assert files
        for file in files:
            again = out / Path(path).name / (file.relative_to(folder / path) if file != folder / path else "")
            assert file.read_bytes() == again.read_bytes(), path


def test_every_stage_has_written_its_outputs_and_a_second_run_has_nothing_to_do(trained):
    assert all((trained / path).exists() for stage in STAGES.values() for path in stage.outputs)
    again = train_all(trained)
    assert f"{len(STAGES)} of {len(STAGES)} stages are done." in again.stdout
    assert "[1 of" not in again.stdout


def test_the_models_have_the_size_of_the_included_ones(trained):
    included = ROOT / "blender_text3d/engine/mini"
    for path in (trained / "weights").glob("*.safetensors"):
        assert path.stat().st_size == pytest.approx((included / path.name).stat().st_size, rel=0.02)


@pytest.mark.parametrize("name", OTHERS)
def test_a_stage_writes_the_same_bytes_again(trained, tmp_path, name):
    done = run_stage(trained, tmp_path, STAGES[name])
    assert done.returncode == 0, done.stderr
    assert_equal_outputs(trained, tmp_path, STAGES[name])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("name", TRAINERS)
def test_a_trainer_that_was_killed_and_resumed_writes_the_bytes_of_an_unbroken_run(trained, tmp_path, name):
    killed = run_stage(trained, tmp_path, STAGES[name], KILLED, every=0)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = run_stage(trained, tmp_path, STAGES[name])
    assert done.returncode == 0, done.stderr
    assert " 3 steps" in done.stdout or " 6 steps" in done.stdout
    assert_equal_outputs(trained, tmp_path, STAGES[name])


@pytest.mark.parametrize("name", ON_DEVICE)
def test_a_stage_for_gpus_mixes_no_devices(trained, tmp_path, name):
    stage = next(stage for stage in all_stages(CUDA) if stage.name == name)
    done = run_stage(trained, tmp_path, stage, SIMULATED)
    assert done.returncode == 0, done.stderr[-3000:]
    losses = json.loads(done.stdout.splitlines()[-1])
    assert {device for device, _ in losses} == ({"cuda"} if name in TRAINERS else set())
    assert all(abs(value) < 1e4 for _, value in losses)
    assert all((tmp_path / Path(path).name).exists() for path in stage.outputs)
