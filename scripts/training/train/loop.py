# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop: a budget of minutes or steps, running averages, and a checkpoint to resume from.

A run that is bounded by steps is reproducible: on the same machine, the same seed gives the same checkpoint, whether
the run was interrupted or not. What a report draws at random does not change the steps that follow it.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..data import distributed
from . import random_state
from .optimizers import RunningAverage, rate_factor, set_rates


class Diverged(Exception):
    """A gradient is not finite; the text says at which step and what to do."""


@dataclass(frozen=True)
class Budget:
    """Length of a training run, in optimizer steps or, if those are not set, in minutes."""

    minutes: float
    steps: int | None = None

    def share(self, steps: int, spent_s: float) -> float:
        """Return the spent share, 1 or more at the end."""
        spent, total = (spent_s, 60 * self.minutes) if self.steps is None else (steps, self.steps)
        return spent / total if total else 1.0


def add_budget(parser, minutes: float) -> None:
    """Add the options that bound a run to a parser."""
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--steps", type=int, help="optimizer steps in place of minutes: the run is reproducible")


def add_device(parser) -> None:
    """Add the option that names the device to a parser."""
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def prepare(arguments) -> None:
    """Seed PyTorch and set the number of threads, on which rounding depends; on a GPU, also choose its algorithms."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    if torch.device(arguments.device).type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)


class Training:
    """The resumable state of a training run.

    Attributes:
        seen: number of training samples so far.
        steps: number of optimizer steps so far.
        spent_s: seconds trained so far; without those of earlier runs of the command if steps bound it.
        share: share of the budget that was spent before the current step, 0..1.
    """

    def __init__(self, path: Path, networks, optimizers, *, decay: float, hold=0.4, max_norm=1.0, generators=()):
        self.path, self.networks, self.optimizers, self.hold = path, networks, optimizers, hold
        self.max_norm, self.generators = max_norm, tuple(generators)
        distributed.broadcast_parameters(self._parameters())
        self.rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
        self.averages = {name: RunningAverage(network, decay) for name, network in networks.items()}
        self.seen, self.steps, self.spent_s, self.share, self.loss = 0, 0, 0.0, 0.0, float("nan")
        self._is_due, self._budget, self._random_states = False, Budget(0.0), []
        if path.exists():
            self._resume(torch.load(path, map_location="cpu"))

    def rounds(self, arguments) -> Iterator[bool]:
        """Yield until the budget is spent: True if a report and a checkpoint are due, in the main process.

        Args:
            arguments: `minutes`, `steps` (None: minutes count), and `every`, the seconds between reports.
        """
        self._budget = budget = Budget(arguments.minutes, arguments.steps)
        begun, reported = time.monotonic() - self.spent_s, self.spent_s
        self._restore_random_states()
        while (share := budget.share(self.steps, self.spent_s)) < 1:
            self.share = share
            set_rates(self.optimizers, self.rates, rate_factor(share, hold=self.hold))
            self.spent_s = distributed.synchronized_seconds(time.monotonic() - begun)
            is_last = budget.share(self.steps + 1, self.spent_s) >= 1
            self._is_due = is_last or self.spent_s - reported > arguments.every
            reported = self.spent_s if self._is_due else reported
            yield self._is_due and distributed.is_main_process()
            if self._is_due:
                self._restore_random_states()

    def step(self, loss: Tensor, samples: int) -> None:
        """Take one optimizer step with clipped gradients.

        Raises:
            Diverged: The gradient is infinite or not a number, so that the step would make all parameters so.
        """
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        distributed.average_gradients(self._parameters())
        norm = nn.utils.clip_grad_norm_(list(self._parameters()), self.max_norm)
        if not norm.isfinite():
            raise Diverged(
                f"The gradient of step {self.steps + 1} is not finite, with a loss of {loss.item():.4g}. {self.path} "
                "has none of it. Train at lower rates, or without --compile and --bfloat16 if there are any."
            )
        for optimizer in self.optimizers:
            optimizer.step()
        for average in self.averages.values():
            average.update()
        self.seen, self.steps = self.seen + samples * distributed.process_count(), self.steps + 1
        self.loss = loss.item() if self.loss != self.loss else 0.99 * self.loss + 0.01 * loss.item()
        if self._is_due:
            self._random_states = distributed.gathered(random_state.states_of(self.generators))

    def running_averages(self) -> dict[str, nn.Module]:
        """Return copies of the networks with their running averages."""
        copies = {
            name: type(network)(network.config) if hasattr(network, "config") else type(network)()
            for name, network in self.networks.items()
        }
        for name, copy in copies.items():
            copy.load_state_dict(self.averages[name].shadow)
            copy.to(next(self._parameters()).device).eval()
        return copies

    def report(self, text: str) -> None:
        """Print the progress and write the checkpoint atomically."""
        done = min(1.0, self._budget.share(self.steps, self.spent_s))
        spent = f"{done:5.0%} {self.spent_s / 60:6.1f} min {self.steps:7d} steps {self.seen:8d} samples"
        print(f"{spent} loss {self.loss:.4f} {text}", flush=True)
        save_atomically(self._state(), self.path)

    def _state(self) -> dict:
        state = {
            "networks": {name: network.state_dict() for name, network in self.networks.items()},
            "averages": {name: average.shadow for name, average in self.averages.items()},
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "seen": self.seen,
            "steps": self.steps,
            "spent_s": self.spent_s if self._budget.steps is None else 0.0,
            "loss": self.loss,
            "random_states": self._random_states,
        }
        return canonical(state)

    def _resume(self, state: dict) -> None:
        for name, network in self.networks.items():
            network.load_state_dict(state["networks"][name])
            for key, value in state["averages"][name].items():
                self.averages[name].shadow[key].copy_(value)
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.seen, self.spent_s = state["seen"], state["spent_s"]
        self.steps, self.loss = state.get("steps", 0), state.get("loss", float("nan"))
        self._random_states = state.get("random_states", [])
        if (count := len(self._random_states)) not in (0, distributed.process_count()):
            raise ValueError(f"{self.path} was trained by {count} processes. Continue it with --processes {count}.")

    def _restore_random_states(self) -> None:
        if self._random_states:
            random_state.restore(self._random_states[distributed.rank()], self.generators)

    def _parameters(self) -> Iterator[nn.Parameter]:
        return (parameter for network in self.networks.values() for parameter in network.parameters())


def canonical(value):
    """Return a state with tensors on the CPU and without shared objects, which would change the pickled bytes."""
    if isinstance(value, dict):
        return {canonical(key): canonical(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([canonical(part) for part in value])
    if isinstance(value, str):
        return sys.intern(value)
    return value.cpu() if isinstance(value, Tensor) else value


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Write a state as PyTorch does, so that a file of that name is always complete."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def write_state(state: dict[str, Tensor], path: Path) -> None:
    """Write a network's tensors atomically, on the CPU."""
    save_atomically({name: value.cpu() for name, value in state.items()}, path)


def average_of(checkpoint: Path, name: str) -> dict[str, Tensor]:
    """Return the running average of one network of a checkpoint, on the CPU."""
    return torch.load(checkpoint, map_location="cpu")["averages"][name]
