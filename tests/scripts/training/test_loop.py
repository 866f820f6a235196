# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop: runs that steps bound are reproducible, with and without interruptions."""

import itertools
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from scripts.training.train import loop
from scripts.training.train.loop import Budget, Diverged, Training, average_of
from scripts.training.train.optimizers import optimizers, rate_factor

ROOT = Path(__file__).parents[3]
STEPS = 8


class Network(nn.Module):
    """A small network that draws random numbers; the name `weight` is a text that PyTorch shares."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(2))
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.2), nn.Linear(8, 2))

    def forward(self, x):
        return self.layers(x) * self.weight


class Stop(Exception):
    """The run ends here, as if it were killed after a checkpoint."""


def run(path, *, steps=STEPS, every=3600.0, stop_after=None, draws=0, minutes=1.0):
    """Train on random numbers; reports draw numbers, too."""
    torch.manual_seed(3)
    rng, network = np.random.default_rng(5), Network()
    training = Training(path, {"network": network}, optimizers([network], 1e-2, 1e-2), decay=0.9, generators=[rng])
    torch.rand(7)  # what is drawn after the checkpoint was read must not matter
    for is_due in training.rounds(Namespace(minutes=minutes, steps=steps, every=every)):
        x = torch.rand(4, 3) + torch.from_numpy(rng.random((4, 3))).float()
        training.step((network(x) - x[:, :2]).square().mean(), 4)
        if is_due:
            torch.rand(draws), rng.random(draws), training.running_averages()
            training.report("")
            if training.steps == stop_after:
                raise Stop
    return training


def test_two_runs_write_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        run(tmp_path / name / "out.pt")
    assert (tmp_path / "one/out.pt").read_bytes() == (tmp_path / "two/out.pt").read_bytes()


def test_reports_do_not_change_what_is_trained(tmp_path):
    unreported = run(tmp_path / "one.pt").networks["network"].state_dict()
    reported = run(tmp_path / "two.pt", every=0.0, draws=11).networks["network"].state_dict()
    assert all(torch.equal(reported[name], value) for name, value in unreported.items())


@pytest.mark.parametrize("stop_after", [1, 5, STEPS])
def test_a_resumed_run_writes_the_bytes_of_an_unbroken_one(tmp_path, stop_after):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    run(tmp_path / "one/out.pt")
    with pytest.raises(Stop):
        run(tmp_path / "two/out.pt", every=0.0, stop_after=stop_after, draws=3)
    assert run(tmp_path / "two/out.pt").steps == STEPS
    assert (tmp_path / "one/out.pt").read_bytes() == (tmp_path / "two/out.pt").read_bytes()


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_ends_the_training_and_changes_nothing(tmp_path, factor):
    training = run(tmp_path / "a.pt", steps=3)
    before, (network,) = (tmp_path / "a.pt").read_bytes(), training.networks.values()
    parameters = [value.clone() for value in network.parameters()]
    with pytest.raises(Diverged, match=r"^The gradient of step 4 is not finite.*without --compile"):
        training.step((network(torch.ones(4, 3)) * factor).sum(), 4)
    assert all(map(torch.equal, parameters, network.parameters()))
    assert (training.steps, (tmp_path / "a.pt").read_bytes()) == (3, before)


def test_the_checkpoint_has_the_running_average(tmp_path):
    training = run(tmp_path / "out.pt")
    average = average_of(tmp_path / "out.pt", "network")
    network = training.networks["network"].state_dict()
    assert average.keys() == network.keys()
    assert not torch.equal(average["layers.0.weight"], network["layers.0.weight"])


def test_minutes_bound_a_run_without_steps(tmp_path, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    training = run(tmp_path / "out.pt", steps=None, minutes=0.5)
    assert (training.spent_s, training.steps) == (30.0, 30)
    assert torch.load(tmp_path / "out.pt")["spent_s"] == 30.0
    assert run(tmp_path / "out.pt", steps=None, minutes=0.7).steps == 42


def test_the_learning_rate_follows_the_share_of_the_steps(tmp_path):
    rates = []
    network = Network()
    training = Training(tmp_path / "out.pt", {"network": network}, optimizers([network], 0.5), decay=0.9)
    for _ in training.rounds(Namespace(minutes=1, steps=10, every=3600)):
        rates.append(training.optimizers[0].param_groups[0]["lr"])
        training.step(network(torch.rand(4, 3)).square().mean(), 4)
    assert rates == [0.5 * rate_factor(step / 10) for step in range(10)]


@pytest.mark.parametrize(("steps", "shares"), [(10, [0.0, 0.5, 1.0]), (None, [0.0, 0.25, 0.5]), (0, [1.0] * 3)])
def test_the_budget_is_of_steps_or_of_minutes(steps, shares):
    budget = Budget(2.0, steps)
    assert [budget.share(done, 6.0 * done) for done in (0, 5, 10)] == shares


def test_a_checkpoint_of_several_processes_is_not_continued_by_one(tmp_path):
    run(tmp_path / "out.pt", steps=2)
    state = torch.load(tmp_path / "out.pt")
    torch.save(state | {"random_states": state["random_states"] * 2}, tmp_path / "out.pt")
    with pytest.raises(ValueError, match="Continue it with --processes 2"):
        run(tmp_path / "out.pt")


PROGRAM = """
import argparse, sys, time
from pathlib import Path
import torch
from scripts.training.data import distributed
from scripts.training.train import loop
from scripts.training.train.loop import Training, add_budget, add_device, prepare
from scripts.training.train.optimizers import optimizers

def train(arguments):
    prepare(arguments)
    network = torch.nn.Linear(3, 2)
    training = Training(arguments.out, {"network": network}, optimizers([network], 1e-2), decay=0.9)
    for is_due in training.rounds(arguments):
        training.step((network(torch.rand(4, 3)) - 1).square().mean(), 4)
        if is_due:
            time.sleep(arguments.pause)
            training.report("")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--every", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    add_budget(parser, 1)
    add_device(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
"""


@pytest.mark.slow
def test_two_processes_that_were_killed_and_resumed_write_the_bytes_of_unbroken_ones(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()

    def start(name, *options):
        words = [
            sys.executable,
            tmp_path / "program.py",
            tmp_path / name / "out.pt",
            "--steps",
            "40",
            "--processes",
            "2",
        ]
        variables = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen([*words, "--device", "cpu", *options], env=variables, start_new_session=True)

    assert start("one").wait(1200) == 0
    killed, deadline = start("two", "--every", "0", "--pause", "1"), time.monotonic() + 1200
    while not (tmp_path / "two/out.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait(1200)
    assert 0 < torch.load(tmp_path / "two/out.pt")["steps"] < 40
    assert start("two").wait(1200) == 0
    assert (tmp_path / "one/out.pt").read_bytes() == (tmp_path / "two/out.pt").read_bytes()
